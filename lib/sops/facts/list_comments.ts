/**
 * Comments inside a YAML list, for which sops 3.13.2 computes two different MACs: it refuses such files with "MAC mismatch",
 * its own ones too. Every other version reads them. Pure.
 *
 * Source: sops-engine §0.1, https://github.com/getsops/sops/issues/2243. To be removed when nobody uses 3.13.2 any more.
 *
 * @module
 */

/** The only version with the mistake. */
export const REFUSES_LIST_COMMENTS = "3.13.2";

/** SOPS writes an encrypted comment of a list as one more item. No `\s`: it goes over line ends, again from each line on. */
const LIST_COMMENT = /^[ \t]*- (?:- )*ENC\[AES256_GCM,[^\n]*,type:comment\][ \t\r]*$/m;

/** @param text of an encrypted YAML file */
export function hasListComment(text: string): boolean {
  return LIST_COMMENT.test(text);
}
