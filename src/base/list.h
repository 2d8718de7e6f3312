/* An intrusive doubly linked list. A list's head is a link to itself when
 * empty. */
#ifndef PARALLAX_BASE_LIST_H
#define PARALLAX_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *next;
	struct link *previous;
};

static inline void list_init(struct link *head)
{
	head->next = head->previous = head;
}

static inline bool list_empty(const struct link *head)
{
	return head->next == head;
}

static inline void list_append(struct link *head, struct link *item)
{
	item->next = head;
	item->previous = head->previous;
	head->previous->next = item;
	head->previous = item;
}

/* Removes item, which becomes an empty list of its own, so removing it twice is
 * harmless. */
static inline void list_remove(struct link *item)
{
	item->next->previous = item->previous;
	item->previous->next = item->next;
	list_init(item);
}

#define LIST_ITEM(pointer, type, member)                                       \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))
#define LIST_EACH(head, it)                                                    \
	for (struct link *it = (head)->next, *it##_next = it->next;            \
	     it != (head); it = it##_next, it##_next = it->next)

#endif
