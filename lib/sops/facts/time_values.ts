/**
 * Times in a file, which SOPS knows since 3.10: older versions fail on them, whether they are encrypted or not. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { scanYaml } from "../../yaml/scan/scan.ts";
import { type Node, Timestamp } from "../tree/tree.ts";

const ENCRYPTED_TIME = /ENC\[AES256_GCM,[^\]]*,type:time\]/;

/** What a time in clear begins with; it spares most files from being read as YAML. */
const DATE = /(?:^|[\s[{,:-])\d{4}-\d{1,2}-\d{1,2}/;

/** @param text of an encrypted file @returns whether it has a time */
export function holdsTime(text: string, format: string): boolean {
  if (ENCRYPTED_TIME.test(text)) return true;
  if (format !== "yaml" || !DATE.test(text)) return false;
  try {
    return scanYaml(text, "").documents.some(({ root }) => hasTimestamp(root));
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function hasTimestamp(node: Node): boolean {
  switch (node.kind) {
    case "leaf":
      return node.value instanceof Timestamp;
    case "mapping":
      return node.items.some((item) => item.kind !== "comment" && hasTimestamp(item.value));
    case "list":
      return node.items.some((item) => item.kind !== "comment" && hasTimestamp(item));
  }
}
