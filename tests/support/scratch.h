/* SPDX-License-Identifier: Apache-2.0 */
/* A folder under the build tree for one test's files, gone after it. */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

/* For cmocka_unit_test_setup_teardown. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* A path in the folder; lives until the teardown. */
const char *scratch_path(const char *name);

#endif
