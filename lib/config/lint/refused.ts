/**
 * Says of what SOPS would refuse what there is to say, so that everything else in the file can be checked too. Pure.
 * Spec: sops-config §5 (bad-type, undefined-alias, bad-recipient).
 *
 * @module
 */
import { looksLikeIdentity } from "../../base/identity_text.ts";
import type { YamlDocument } from "../../yaml/parse.ts";
import type { Refusal } from "../../yaml/source_error.ts";
import type { Findings } from "./finding.ts";

/** Notes what the reader refused. */
export function lintRefused({ source, refusals = [] }: YamlDocument, findings: Findings): void {
  for (const refusal of refusals) {
    const { kind, offset, problem, hints = [] } = refusal;
    const [hint] = hints;
    const identity = kind === "private-key" ? findIdentity(source, refusal) : undefined;
    if (kind === "undefined-alias") {
      const [name] = /^[^\s,[\]{}]+/.exec(source.slice(offset + 1)) ?? [""];
      findings.add("undefined-alias", offset, {
        message: `${problem}; SOPS refuses the whole file`,
        fix: `define the key above with &${name}, or take the alias out`,
      });
    } else if (identity !== undefined) {
      findings.add("bad-recipient", identity, {
        message: "a private key stands where the public half of a key belongs",
        fix: "write the public half there; make a new key, because others could read this file",
      });
    } else findings.add("bad-type", offset, { message: problem, ...(hint === undefined ? {} : { fix: hint }) });
  }
}

/** @returns where the key itself begins, behind a quote */
function findIdentity(source: string, { offset, definition = offset }: Refusal): number | undefined {
  const start = /["']/.test(source[definition] ?? "") ? definition + 1 : definition;
  return looksLikeIdentity(source.slice(start)) ? start : undefined;
}
