/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object identifiers of the MHS Recommendations, dotted: {joint-iso-ccitt(2) mhs(6) ...}.
 */
#ifndef ASN1_X400_OIDS_H
#define ASN1_X400_OIDS_H

/* Application contexts of 1988 [X.419 Annex A; mhs protocols(0) ac(1)] */
#define ID_AC_MTS_ACCESS			"2.6.0.1.0"
#define ID_AC_MTS_FORCED_ACCESS			"2.6.0.1.1"
#define ID_AC_MTS_RELIABLE_ACCESS		"2.6.0.1.2"
#define ID_AC_MTS_FORCED_RELIABLE_ACCESS	"2.6.0.1.3"
#define ID_AC_MS_ACCESS				"2.6.0.1.4"
#define ID_AC_MS_RELIABLE_ACCESS		"2.6.0.1.5"
#define ID_AC_MTS_TRANSFER			"2.6.0.1.6"

/* Abstract syntaxes of 1988 [X.419 Annex A; mhs protocols(0) as(2)] */
#define ID_AS_MSSE				"2.6.0.2.1"	/* message submission */
#define ID_AS_MDSE				"2.6.0.2.2"	/* message delivery */
#define ID_AS_MRSE				"2.6.0.2.5"	/* message retrieval */
#define ID_AS_MASE				"2.6.0.2.6"	/* administration */
#define ID_AS_MTSE				"2.6.0.2.7"	/* message transfer */
#define ID_AS_MTS_RTSE				"2.6.0.2.8"	/* MTS bind over RTSE */
#define ID_AS_MS				"2.6.0.2.9"	/* MS bind */
#define ID_AS_MS_RTSE				"2.6.0.2.10"	/* MS bind over RTSE */
#define ID_AS_MTS				"2.6.0.2.11"	/* MTS bind */
#define ID_AS_MTA_RTSE				"2.6.0.2.12"	/* MTA bind over RTSE */

/* X.411 Annex A: content types, tokens */
#define ID_CONT_UNIDENTIFIED			"2.6.3.3.0"
#define ID_CONT_INNER_ENVELOPE			"2.6.3.3.1"
#define ID_TOK_ASYMMETRIC_TOKEN			"2.6.3.6.0"
#define ID_ATT_PHYSICAL_RENDITION_BASIC		"2.6.3.5.0"

/* X.411 Annex A: encoded information types, the arc to which a built-in bit number is added */
#define ID_EIT_UNKNOWN				"2.6.3.4.0"
#define ID_EIT_IA5_TEXT				"2.6.3.4.2"
#define ID_EIT_TELETEX				"2.6.3.4.5"

/* X.420 Annex A: content types, body parts (et) and their parameters (ep) */
#define ID_MCT_P2_1984				"2.6.1.10.0"
#define ID_MCT_P2_1988				"2.6.1.10.1"
#define ID_ET_IA5_TEXT				"2.6.1.4.0"
#define ID_ET_BILATERALLY_DEFINED		"2.6.1.4.9"
#define ID_ET_GENERAL_TEXT			"2.6.1.4.11"
#define ID_ET_FILE_TRANSFER			"2.6.1.4.12"
#define ID_EP_IA5_TEXT				"2.6.1.11.0"
#define ID_EP_GENERAL_TEXT			"2.6.1.11.11"
#define ID_EP_FILE_TRANSFER			"2.6.1.11.12"
#define ID_EIT_FILE_TRANSFER			"2.6.1.12.0"
#define ID_HEX_INCOMPLETE_COPY			"2.6.1.5.0"
#define ID_HEX_LANGUAGES			"2.6.1.5.1"
#define ID_HEX_AUTO_SUBMITTED			"2.6.1.5.2"
#define ID_HEX_EXTENDED_SUBJECT			"2.6.1.5.8"
/* {iso standard mhs(10021) ipms(7) cs(1) eit-authority(0)}: a registration number follows */
#define ID_CS_EIT_AUTHORITY			"1.0.10021.7.1.0"
/* {iso standard 8571 document-type(5)}: what a transferred file is */
#define ID_DOCUMENT_UNSTRUCTURED_TEXT		"1.0.8571.5.1"
#define ID_DOCUMENT_UNSTRUCTURED_BINARY		"1.0.8571.5.3"

/* X.413 auto-actions */
#define ID_ACT_AUTO_FORWARD			"2.6.4.4.0"
#define ID_ACT_AUTO_ALERT			"2.6.4.4.1"

/* X.402 Annex A: what the directory keeps of an MHS user */
#define ID_OC_MHS_USER				"2.6.5.1.3"
#define ID_AT_MHS_OR_ADDRESSES			"2.6.5.2.6"

#endif
