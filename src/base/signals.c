#include "base/signals.h"

void signals_mask(int how, const int *numbers, size_t count)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, numbers[i]);
	pthread_sigmask(how, &set, NULL);
}
