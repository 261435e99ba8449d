-- SPDX-License-Identifier: Apache-2.0
-- Algorithms whose parameters tshark does not decode, or not yet.  Each has the parameters of
-- another, whose decoder in tshark then looks at them.
local like = {
	["1.2.840.113549.2.9"] = "1.3.14.3.2.26",	-- hmacWithSHA256: NULL, as SHA-1
	-- aes256-GCM [RFC 5084]: SEQUENCE {OCTET STRING, INTEGER}, as encryption in PKCS #12
	["2.16.840.1.101.3.4.1.46"] = "1.2.840.113549.1.12.1.3",
	-- dhSinglePass-stdDH-hkdf-sha256-scheme [RFC 8418]: KeyWrapAlgorithm, as its elder sister
	["1.2.840.113549.1.9.16.3.19"] = "1.3.133.16.840.63.0.2",
	-- id-RSAES-OAEP [RFC 4055]: [0] the hash, [1] the mask, as RSASSA-PSS
	["1.2.840.113549.1.1.7"] = "1.2.840.113549.1.1.10",
}
local known = DissectorTable.get("ber.oid")
for identifier, other in pairs(like) do
	if not known:get_dissector(identifier) then
		known:add(identifier, known:get_dissector(other))
	end
end
