/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to a configuration: what is empty there is absent here. */
#include "directory/settings.h"

const char *const directory_bind_names[] = {
	[DIRECTORY_ANONYMOUS] = "anonymous",
	[DIRECTORY_SIMPLE] = "simple",
	[DIRECTORY_EXTERNAL] = "external",
	NULL
};

static const char *unless_empty(const char *text)
{
	return *text ? text : NULL;
}

struct directory_config directory_config_of(const struct directory_settings *settings)
{
	return (struct directory_config){
		.uri = settings->uri,
		.base = settings->base,
		.start_tls = settings->start_tls,
		.ca_file = unless_empty(settings->ca_file),
		.cert_file = unless_empty(settings->cert_file),
		.key_file = unless_empty(settings->key_file),
		.bind = (enum directory_bind)settings->bind,
		.bind_dn = unless_empty(settings->bind_dn),
		.password_file = unless_empty(settings->password_file),
		.timeout = (unsigned)settings->timeout,
		.referrals = (unsigned)settings->referrals,
		.max_list = (size_t)settings->list_max,
	};
}
