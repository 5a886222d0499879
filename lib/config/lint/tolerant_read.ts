/**
 * Reads a `.sops.yaml` that SOPS would refuse, as far as it can be read, so that everything else in it can be checked too.
 *
 * The one judge of types is the strict reader. What it refuses becomes a finding, is masked by harmless text of the same
 * length, and the reader is asked again; offsets stay those of the file. Broken YAML is no finding but the usual error.
 * Pure. Spec: sops-config §5 (bad-type, undefined-alias, bad-recipient).
 *
 * @module
 */
import { isAlias, isNode, visit } from "yaml";
import { UserError } from "../../base/error.ts";
import { looksLikeIdentity } from "../../base/identity_text.ts";
import { parseYaml, type YamlDocument } from "../../yaml/parse.ts";
import { findLineStarts, lineStart, type SourceText } from "../../yaml/position.ts";
import { resolveNode, type WrittenNode } from "../../yaml/resolve.ts";
import { malformedAt } from "../../yaml/source_error.ts";
import { applySplices } from "../../yaml/edit/splice.ts";
import type { Findings } from "./finding.ts";
import type { Range, SopsConfig } from "../rules/sops_config.ts";
import { parseSopsConfig } from "../rules/sops_config_read.ts";

/** The most refused places that are looked behind. */
const MAX_REFUSED = 50;

/**
 * Reads a file and notes what SOPS would refuse.
 *
 * @param text the file
 * @returns the file as it is, or with what was refused masked; undefined when something is refused that cannot be masked
 * @throws {UserError} `malformed` for what is no YAML at all
 */
export function readTolerantly(text: SourceText, findings: Findings): SopsConfig | undefined {
  let source = text.source;
  const masked = new Set<number>();
  for (let round = 0; round < MAX_REFUSED; round++) {
    try {
      return parseSopsConfig(source, text.path);
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== "malformed") throw error;
      const refused = judge(text, source, error, findings);
      if (refused === undefined || masked.has(refused.start)) break;
      masked.add(refused.start);
      source = applySplices(source, [{ ...refused, text: refused.mask }]);
    }
  }
  return undefined;
}

/** A refused piece of the text and what stands in for it: as long, and with the same line breaks. */
interface Refused extends Range {
  readonly mask: string;
}

/**
 * Notes what the reader refused.
 *
 * @param source the text as it was read, earlier mistakes masked
 * @returns the piece to mask; undefined when there is none
 */
function judge(text: SourceText, source: string, error: UserError, findings: Findings): Refused | undefined {
  const offset = offsetOf(text, error);
  const problem = problemOf(text, error);
  const alias = /^\*[^\s,[\]{}]+/.exec(source.slice(offset))?.[0];
  if (alias !== undefined && !definesAnchor(source.slice(0, offset), alias.slice(1))) {
    findings.add("undefined-alias", offset, {
      message: `no anchor "&${alias.slice(1)}" is defined before this alias; SOPS refuses the whole file`,
      fix: `define the key above with &${alias.slice(1)}, or take the alias out`,
    });
    const isMerged = /<<:\s*(?:\[[^\]]*)?$/.test(source.slice(0, offset));
    return { start: offset, end: offset + alias.length, mask: (isMerged ? "{}" : "~").padEnd(alias.length) };
  }
  let document: YamlDocument;
  try {
    document = parseYaml(source, text.path);
  } catch {
    throw malformedAt(text, offset, problem, error.hints);
  }
  const node = findOutermostAt(document, offset);
  const identity = findIdentity(document, source, offset, node);
  if (identity !== undefined) {
    findings.add("bad-recipient", identity.start, {
      message: "a private key stands where the public half of a key belongs",
      fix: "write the public half there; make a new key, because others could read this file",
    });
    return { ...identity, mask: "x".repeat(identity.end - identity.start) };
  }
  const [hint] = error.hints;
  findings.add("bad-type", offset, { message: problem, ...(hint === undefined ? {} : { fix: hint }) });
  if (node === undefined) return undefined;
  const [start, end] = node.range;
  const mask = source.slice(start, end).replace(/[^\r\n]/g, " ").replace(" ", "~");
  return { start, end, mask };
}

/** @returns the place of an error; its column does not count a byte order mark */
function offsetOf(text: SourceText, { location }: UserError): number {
  const start = lineStart(text, location?.line ?? 1);
  const mark = start === 0 && text.source.startsWith("\ufeff") ? 1 : 0;
  return start + mark + (location?.column ?? 1) - 1;
}

/** @returns an error's message without the place that it begins with */
function problemOf(text: SourceText, { message, location }: UserError): string {
  const start = `cannot read "${text.path}": line ${location?.line}, column ${location?.column}: `;
  return message.startsWith(start) ? message.slice(start.length) : message;
}

function definesAnchor(before: string, name: string): boolean {
  return new RegExp(`&${RegExp.escape(name)}(?=[\\s,\\[\\]{}]|$)`).test(before);
}

/** @returns the value that begins at a place: of several, the one that holds the others */
function findOutermostAt(document: YamlDocument, offset: number): WrittenNode | undefined {
  let found: WrittenNode | undefined;
  visit(document.root, {
    Node(_, node) {
      if (node.range?.[0] !== offset || !isNode(node)) return;
      found = node as WrittenNode;
      return visit.BREAK;
    },
  });
  return found;
}

/** @returns where a private key stands that the reader met at a place, through an alias or not */
function findIdentity(
  document: YamlDocument,
  source: string,
  offset: number,
  node: WrittenNode | undefined,
): Range | undefined {
  const target = node !== undefined && isAlias(node) ? resolveNode(document, node).range[0] : offset;
  const written = /^["']?([^\s"',[\]{}#]+)/.exec(source.slice(target));
  if (written === null || !looksLikeIdentity(written[0])) return undefined;
  const end = target + written[0].length;
  return { start: end - written[1]!.length, end };
}

/** @returns a text with its line starts */
export function asSourceText(source: string, path: string): SourceText {
  return { path, source, lineStarts: findLineStarts(source) };
}
