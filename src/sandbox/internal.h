/* What the files of this folder share: the halves of sandbox_enter. */
#ifndef PARALLAX_SANDBOX_INTERNAL_H
#define PARALLAX_SANDBOX_INTERNAL_H

#include "sandbox/sandbox.h"

/* Sanitizers look at the process from outside, by ptrace, when it ends, and run
 * a program that knows the names of functions. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||     \
    __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

int landlock_enter(const struct sandbox *sandbox,
		   struct sandbox_outcome *outcome, struct error *error);
int system_calls_enter(const struct sandbox *sandbox,
		       struct sandbox_outcome *outcome, struct error *error);

#endif
