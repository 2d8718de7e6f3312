#include "journal/ring.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* The same pages twice, one after the other. */
static uint8_t *map_twice(size_t size)
{
	int fd = memfd_create("journal", MFD_CLOEXEC);
	uint8_t *data = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (ftruncate(fd, (off_t)size) == 0)
		data = mmap(NULL, size * 2, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data != MAP_FAILED &&
	    (mmap(data, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		  fd, 0) == MAP_FAILED ||
	     mmap(data + size, size, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)) {
		munmap(data, size * 2);
		data = MAP_FAILED;
	}
	close(fd);
	return data == MAP_FAILED ? NULL : data;
}

int journal_ring_init(struct journal_ring *ring, size_t size,
		      struct error *error)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	memset(ring, 0, sizeof(*ring));
	ring->size = (size + page - 1) / page * page;
	ring->data = map_twice(ring->size);
	if (!ring->data)
		return error_set_errno(error, ERROR_MEMORY,
				       "no memory for the journal's buffer of "
				       "%zu bytes",
				       ring->size);
	sem_init(&ring->wake, 0, 0);
	return 0;
}

void journal_ring_release(struct journal_ring *ring)
{
	if (!ring->data)
		return;
	munmap(ring->data, ring->size * 2);
	sem_destroy(&ring->wake);
	ring->data = NULL;
}

/* --- the producer's --- */

static struct journal_ring_mark *mark_new(struct journal_ring *ring)
{
	if (ring->marked -
		atomic_load_explicit(&ring->mark_tail, memory_order_acquire) ==
	    JOURNAL_RING_MARKS)
		return NULL;
	return &ring->marks[ring->marked % JOURNAL_RING_MARKS];
}

/* Only while nothing is in the ring, so that no byte of it moves. */
static void restart(struct journal_ring *ring)
{
	uint64_t place = (ring->filled + ring->filled_shift) % ring->size;
	struct journal_ring_mark *mark;

	if (place < JOURNAL_RING_RESTART || !(mark = mark_new(ring)))
		return;
	ring->filled_shift =
	    (ring->filled_shift + ring->size - place) % ring->size;
	*mark = (struct journal_ring_mark){.at = ring->filled,
					   .shift = ring->filled_shift};
	ring->marked++;
}

uint8_t *journal_ring_reserve(struct journal_ring *ring, size_t size)
{
	size_t used = journal_ring_used(ring);

	if (size > ring->size - used)
		return NULL;
	if (!used)
		restart(ring);
	return ring->data + (ring->filled + ring->filled_shift) % ring->size;
}

void journal_ring_commit(struct journal_ring *ring, size_t size)
{
	ring->filled += size;
}

bool journal_ring_mark_segment(struct journal_ring *ring, uint64_t segment,
			       size_t size, const uint8_t *key)
{
	struct journal_ring_mark *mark = mark_new(ring);

	if (!mark)
		return false;
	*mark = (struct journal_ring_mark){
	    .at = ring->filled, .size = size, .segment = segment};
	mark->keyed = key != NULL;
	if (key)
		memcpy(mark->key, key, SEAL_KEY);
	ring->marked++;
	return true;
}

static void rouse(struct journal_ring *ring)
{
	if (atomic_load(&ring->sleeping) &&
	    atomic_exchange(&ring->sleeping, false))
		sem_post(&ring->wake);
}

void journal_ring_publish(struct journal_ring *ring)
{
	atomic_store_explicit(&ring->mark_head, ring->marked,
			      memory_order_release);
	/* Ordered before the look at `sleeping`, as the consumer sets that
	 * before its last look at `head`. */
	atomic_store(&ring->head, ring->filled);
	rouse(ring);
}

size_t journal_ring_used(const struct journal_ring *ring)
{
	return ring->filled -
	       atomic_load_explicit(&ring->tail, memory_order_acquire);
}

size_t journal_ring_pending(const struct journal_ring *ring)
{
	return ring->filled -
	       atomic_load_explicit(&ring->head, memory_order_relaxed);
}

/* --- the consumer's --- */

bool journal_ring_peek(struct journal_ring *ring, struct journal_ring_run *run)
{
	uint64_t head = atomic_load(&ring->head);
	uint64_t marks =
	    atomic_load_explicit(&ring->mark_head, memory_order_acquire);
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint64_t taken =
	    atomic_load_explicit(&ring->mark_tail, memory_order_relaxed);
	uint64_t end = head;

	run->segment = 0;
	run->key = NULL;
	for (; taken != marks; taken++) {
		const struct journal_ring_mark *mark =
		    &ring->marks[taken % JOURNAL_RING_MARKS];

		if (mark->at > tail) {
			if (mark->at < end)
				end = mark->at;
			break;
		}
		if (mark->size) {
			if (mark->at + mark->size <= head) {
				run->segment = mark->segment;
				run->key = mark->keyed ? mark->key : NULL;
				end = mark->at + mark->size;
			} else {
				end = tail; /* published with the next */
			}
			break;
		}
		ring->shift = mark->shift;
		atomic_store_explicit(&ring->mark_tail, taken + 1,
				      memory_order_release);
	}
	run->data = ring->data + (tail + ring->shift) % ring->size;
	run->size = (size_t)(end - tail);
	return run->size > 0;
}

void journal_ring_advance(struct journal_ring *ring, size_t size)
{
	uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
	uint64_t taken =
	    atomic_load_explicit(&ring->mark_tail, memory_order_relaxed);

	if (taken !=
		atomic_load_explicit(&ring->mark_head, memory_order_acquire) &&
	    ring->marks[taken % JOURNAL_RING_MARKS].at == tail) {
		seal_wipe(ring->marks[taken % JOURNAL_RING_MARKS].key,
			  SEAL_KEY);
		atomic_store_explicit(&ring->mark_tail, taken + 1,
				      memory_order_release);
	}
	atomic_store_explicit(&ring->tail, tail + size, memory_order_release);
}

void journal_ring_wait(struct journal_ring *ring, bool retry,
		       int64_t microseconds)
{
	struct timespec until;

	atomic_store(&ring->sleeping, true);
	if (!atomic_exchange(&ring->woken, false) &&
	    (retry ||
	     atomic_load(&ring->head) ==
		 atomic_load_explicit(&ring->tail, memory_order_relaxed))) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += microseconds / 1000000;
		until.tv_nsec += microseconds % 1000000 * 1000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		sem_timedwait(&ring->wake, &until);
	}
	atomic_store(&ring->sleeping, false);
}

void journal_ring_wake(struct journal_ring *ring)
{
	atomic_store(&ring->woken, true);
	rouse(ring);
}
