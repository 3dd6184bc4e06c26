// Knows: how much of a document that somebody else wrote is read.
// Must not know: who wrote it.

/** Beyond any of these the document is refused: `upstream`, code `xml-limit`. */
export interface XmlLimits {
  readonly maxDepth: number;
  /** Attributes of one element, declarations of namespaces included. */
  readonly maxAttributes: number;
  readonly maxElements: number;
}

export const XML_LIMITS: XmlLimits = { maxDepth: 100, maxAttributes: 256, maxElements: 2_000_000 };
