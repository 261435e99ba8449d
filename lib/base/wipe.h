/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given back is wiped.  Contents, passwords and what is made of them pass through
 * buffers of ours, of libuv, SQLite, OpenSSL and the C library; none of them knows which octets are
 * secret, and a core file has what was freed as well.  So free and realloc are replaced, for all that
 * runs in the process: whatever is linked with the library frees with it, and nothing needs to be
 * called.
 *
 * A sanitizer has an allocator of its own, which keeps what was freed from being read.
 */
#ifndef LIB_BASE_WIPE_H
#define LIB_BASE_WIPE_H

#include <features.h>

#if defined(__has_feature)
#define WIPE_HAS(feature) __has_feature(feature)
#else
#define WIPE_HAS(feature) 0
#endif

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
	!WIPE_HAS(address_sanitizer) && !WIPE_HAS(thread_sanitizer) && !WIPE_HAS(memory_sanitizer)
#define FREED_IS_WIPED 1
#else
#define FREED_IS_WIPED 0
#endif

#endif
