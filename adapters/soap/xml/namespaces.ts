// Knows: the namespaces of the standards that SOAP is made of. THE list; no other file writes one out.
// Must not know: what is done with them.

export const XSD = 'http://www.w3.org/2001/XMLSchema';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
export const XMLNS = 'http://www.w3.org/2000/xmlns/';
export const XML = 'http://www.w3.org/XML/1998/namespace';
export const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
/** SOAP bindings in a WSDL: 1.1 and 1.2. */
export const WSDL_SOAP11 = 'http://schemas.xmlsoap.org/wsdl/soap/';
export const WSDL_SOAP12 = 'http://schemas.xmlsoap.org/wsdl/soap12/';
/** Envelopes: SOAP 1.1 (section 3) and 1.2 (part 1, section 5). */
export const ENVELOPE11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const ENVELOPE12 = 'http://www.w3.org/2003/05/soap-envelope';
/** Encodings: SOAP 1.1 (section 5) and 1.2 (part 2, section 3). */
export const ENCODING11 = 'http://schemas.xmlsoap.org/soap/encoding/';
export const ENCODING12 = 'http://www.w3.org/2003/05/soap-encoding';
/** `xop:Include` of MTOM (XOP 1.0, section 2.1). */
export const XOP = 'http://www.w3.org/2004/08/xop/include';
/** XML Signature 1.1 and Exclusive XML Canonicalization 1.0. */
export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** WS-Security 1.0 and 1.1: the header and what is shared. */
export const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
export const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
/** `description` of WSDL 2.0, which we do not read. */
export const WSDL20 = 'http://www.w3.org/ns/wsdl';
/** Bindings of WSDL 1.1 beside those of SOAP: section 4 (HTTP GET and POST) and section 5 (MIME). */
export const WSDL_HTTP = 'http://schemas.xmlsoap.org/wsdl/http/';
export const WSDL_MIME = 'http://schemas.xmlsoap.org/wsdl/mime/';
/** SOAP over HTTP as `transport` of a binding: WSDL 1.1, section 3.3; the other one is seen with SOAP 1.2. */
export const SOAP_HTTP = 'http://schemas.xmlsoap.org/soap/http';
export const SOAP12_HTTP = 'http://www.w3.org/2003/05/soap/bindings/HTTP/';
