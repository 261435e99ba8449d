/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions with tokens [PKCS #11 2.40 5.4 to 5.7; RFC 7512]. */
#include "lib/sec/pkcs11_session.h"

#include "lib/base/memory.h"
#include "lib/sec/pkcs11.h"

#include <strings.h>

enum { SLOTS_MAX = 64 };

bool pkcs11_is_uri(const char *name)
{
	return strncasecmp(name, "pkcs11:", 7) == 0;
}

struct status *pkcs11_session_failure(enum status_kind kind, CK_RV rv, const char *words)
{
	const char *said = p11_kit_strerror(rv);

	return FAIL(kind, 0, "%s: %s (CKR %#lx)", words, said ? said : "it does not say why", rv);
}

void pkcs11_session_free(struct pkcs11_session **session)
{
	struct pkcs11_session *s = *session;

	if (!s)
		return;
	if (s->handle)
		s->module->C_CloseSession(s->handle);
	if (s->modules)
		p11_kit_modules_finalize_and_release(s->modules);
	if (s->own) {
		p11_kit_module_finalize(s->own);
		p11_kit_module_release(s->own);
	}
	p11_kit_uri_free(s->uri);
	pthread_mutex_destroy(&s->lock);
	mem_free(session);
}

/* --- what the URI says --- */

static CK_ATTRIBUTE attribute_of(const struct pkcs11_session *s, CK_ATTRIBUTE_TYPE type)
{
	const CK_ATTRIBUTE *found = p11_kit_uri_get_attribute(s->uri, type);

	return found ? *found : (CK_ATTRIBUTE){ type, NULL, 0 };
}

CK_ATTRIBUTE pkcs11_session_label(const struct pkcs11_session *session)
{
	return attribute_of(session, CKA_LABEL);
}

CK_ATTRIBUTE pkcs11_session_id(const struct pkcs11_session *session)
{
	CK_ATTRIBUTE id = attribute_of(session, CKA_ID), label = pkcs11_session_label(session);

	return id.ulValueLen ? id : (CK_ATTRIBUTE){ CKA_ID, label.pValue, label.ulValueLen };
}

static FALLIBLE parse(struct pkcs11_session *s, const char *text)
{
	int code = p11_kit_uri_parse(text, P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, s->uri);

	if (code != P11_KIT_URI_OK)
		return FAIL(ST_USAGE, 0, "%s is no PKCS #11 URI: %s", text, p11_kit_uri_message(code));
	if (p11_kit_uri_get_pin_value(s->uri))
		return FAIL(ST_REFUSED, 0, "a PIN does not belong in a URI, which others read: put it into "
			    "the passphrase file");
	return OK;
}

/* --- the token --- */

static FALLIBLE load_modules(struct pkcs11_session *s)
{
	const char *path = p11_kit_uri_get_module_path(s->uri);
	CK_FUNCTION_LIST *own;

	if (!path) {
		s->modules = p11_kit_modules_load_and_initialize(0);
		return s->modules ? OK : FAIL(ST_LATER, 0, "no PKCS #11 module could be loaded: %s",
					      p11_kit_message());
	}
	own = p11_kit_module_load(path, 0);
	if (!own)
		return FAIL(ST_NOT_FOUND, 0, "the PKCS #11 module %s cannot be loaded: %s", path,
			    p11_kit_message());
	CK_RV rv = p11_kit_module_initialize(own);
	if (rv != CKR_OK) {
		p11_kit_module_release(own);
		return pkcs11_session_failure(ST_LATER, rv, "the PKCS #11 module does not begin");
	}
	s->own = own;
	return OK;
}

/* Counts the tokens of a module that fit, and keeps the slot of the last. */
static size_t look_at(struct pkcs11_session *s, CK_FUNCTION_LIST *module, CK_SLOT_ID *out_slot)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	size_t found = 0;

	if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
		return 0;
	for (CK_ULONG i = 0; i < count; i++) {
		CK_TOKEN_INFO info;

		if (module->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
		    !(info.flags & CKF_TOKEN_INITIALIZED) ||
		    p11_kit_uri_match_token_info(s->uri, &info) != 1)
			continue;
		found++;
		s->module = module;
		*out_slot = slots[i];
	}
	return found;
}

static FALLIBLE find_token(struct pkcs11_session *s, CK_SLOT_ID *out_slot)
{
	size_t found = s->own ? look_at(s, s->own, out_slot) : 0;

	for (CK_FUNCTION_LIST **m = s->modules; m && *m; m++)
		found += look_at(s, *m, out_slot);
	if (found == 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no such token");
	if (found > 1)
		return FAIL(ST_USAGE, 0, "%zu tokens are meant: say more of the one", found);
	return OK;
}

static FALLIBLE log_in(struct pkcs11_session *s, CK_SLOT_ID slot, struct bytes pin, bool writable)
{
	CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0);
	CK_RV rv = s->module->C_OpenSession(slot, flags, NULL, NULL, &s->handle);

	if (rv != CKR_OK)
		return pkcs11_session_failure(ST_LATER, rv, "the token opens no session");
	rv = s->module->C_Login(s->handle, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)pin.data, pin.len);
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE ||
	    rv == CKR_PIN_LOCKED)
		return pkcs11_session_failure(ST_REFUSED, rv, "the PIN does not open the token");
	if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN)
		return pkcs11_session_failure(ST_LATER, rv, "the token lets nobody in");
	return OK;
}

static FALLIBLE begin(struct pkcs11_session *s, const char *uri, struct bytes pin, bool writable)
{
	CK_SLOT_ID slot = 0;

	TRY(parse(s, uri));
	TRY(load_modules(s));
	TRY(find_token(s, &slot));
	return log_in(s, slot, pin, writable);
}

FALLIBLE pkcs11_session_open(const char *uri, struct bytes pin, bool writable, struct pkcs11_session **out_session)
{
	AUTO(pkcs11_session_free) struct pkcs11_session *s = mem_new(struct pkcs11_session);

	pthread_mutex_init(&s->lock, NULL);
	s->uri = p11_kit_uri_new();
	TRY_DOING(begin(s, uri, pin, writable), "cannot use the token of %s", uri);
	*out_session = TAKE(s);
	return OK;
}

FALLIBLE pkcs11_session_find(const struct pkcs11_session *s, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out_object)
{
	CK_ATTRIBUTE wanted[3] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_ATTRIBUTE label = attribute_of(s, CKA_LABEL), id = attribute_of(s, CKA_ID);
	CK_OBJECT_HANDLE found[2];
	CK_ULONG said = 1, count = 0;

	if (label.ulValueLen)
		wanted[said++] = label;
	if (id.ulValueLen)
		wanted[said++] = id;
	CK_RV rv = s->module->C_FindObjectsInit(s->handle, wanted, said);
	if (rv == CKR_OK) {
		rv = s->module->C_FindObjects(s->handle, found, 2, &count);
		s->module->C_FindObjectsFinal(s->handle);
	}
	if (rv != CKR_OK)
		return pkcs11_session_failure(ST_LATER, rv, "the token cannot be searched");
	if (count == 0)
		return FAIL(ST_NOT_FOUND, 0, "the token has no such %s key",
			    class == CKO_PRIVATE_KEY ? "private" : "public");
	if (count > 1)
		return FAIL(ST_USAGE, 0, "the token has several such keys: say more of the one");
	*out_object = found[0];
	return OK;
}
