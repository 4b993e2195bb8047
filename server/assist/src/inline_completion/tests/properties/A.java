package org.example;

import java.util.ArrayList;
import java.util.List;

/** A queue that remembers. */
public class Journal<T> implements Iterable<T> {
    private final List<T> entries = new ArrayList<>();
    private int cursor = 0;

    public Journal(List<? extends T> entries) {
        this.entries.addAll(entries);
    }

    @Override
    public java.util.Iterator<T> iterator() {
        return entries.iterator();
    }

    public T next() {
        if (cursor >= entries.size()) {
            throw new IllegalStateException("at the end: " + cursor);
        }
        return entries.get(cursor++);
    }

    public String describe(char open) {
        StringBuilder text = new StringBuilder();
        for (T entry : entries) {
            text.append(entry).append(open == '[' ? ']' : ')');
        }
        try {
            entries.forEach(entry -> {
                System.out.println(entry);
            });
        } catch (RuntimeException e) {
            return "";
        }
        return text.toString();
    }
}
