#include <stdio.h>
#include <stdlib.h>
#include "list.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))

struct node {
    int value;
    struct node *next;
};

/*
 * Puts a value in front.
 */
struct node *push(struct node *head, int value)
{
    struct node *node = malloc(sizeof(*node));
    if (!node)
        return NULL;
    node->value = value;
    node->next = head;
    return node;
}

int main(int argc, char **argv)
{
    struct node *list = NULL;
    for (int i = 1; i < argc; i++) {
        list = push(list, atoi(argv[i]));
    }
    while (list != NULL) {
        printf("%d (%c)\n", list->value, '{'); // the newest first
        list = list->next;
    }
    switch (argc) {
    case 1:
        puts("nothing");
        break;
    default:
        break;
    }
    return 0;
}
