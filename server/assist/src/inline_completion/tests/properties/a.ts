import { EventEmitter } from "events";
import type { Item } from "./item";

export interface Options {
  readonly limit: number;
  onFull?: (items: Item[]) => void;
}

type Entry<T> = { value: T; at: number } | undefined;

export class Cache<T extends object> extends EventEmitter {
  private entries = new Map<string, Entry<T>>();

  constructor(private readonly options: Options) {
    super();
  }

  get(key: string): T | null {
    const entry = this.entries.get(key);
    if (!entry) {
      return null;
    }
    return entry.value;
  }

  set(key: string, value: T): void {
    if (this.entries.size >= this.options.limit) {
      this.options.onFull?.([...this.entries.values()].map((it) => it!.value as unknown as Item));
      this.entries.clear();
    }
    this.entries.set(key, { value, at: Date.now() });
    this.emit("set", key);
  }
}

export function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && "id" in value;
}
