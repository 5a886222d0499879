/**
 * Whether a file in clear is one that a rule says is encrypted.
 *
 * A rule says for whom a file is encrypted, not that it has to be: one for `.*\.yaml$` also matches what is plain on
 * purpose. So a file counts when something says that it is secret: its name (`db.enc.yaml`), a word in the pattern
 * (`^secrets/`), a pattern that names this very file, or that it is a Secret of Kubernetes; and when the rule's selector would
 * encrypt something in it. Other files that a rule matches are counted, and nothing is said of them. Pure.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatCount } from "../../base/show/counts.ts";
import { compilePattern } from "../../config/patterns/matcher.ts";
import type { Severity } from "../../config/lint/code.ts";
import type { Rule, SopsConfig } from "../../config/rules/sops_config.ts";
import { compileSelector } from "../../sops/engine/selectors.ts";
import { parseSopsFile } from "../../sops/mod.ts";
import { type StoreFormat, storeOfName } from "../../sops/metadata/metadata.ts";
import type { Scalar } from "../../sops/tree/tree.ts";
import { findVisibleFaults } from "../scan/visible_faults.ts";
import { type CheckFinding, finding, forKeys } from "./finding.ts";

/** A file in clear that a rule matches. */
export interface PlainFile {
  /** Absolute. */
  readonly path: string;
  /** The string that the patterns are asked with. */
  readonly comparedPath: string;
  readonly bytes: Uint8Array;
  /** Undefined: none matches it, and only its name can say that it is secret. */
  readonly rule: Rule | undefined;
  readonly config: SopsConfig;
  /** Whether the last commit has it encrypted. */
  readonly wasEncrypted: boolean;
}

/** Names of files that are not secret, whatever lies beside them: documents, programs, public halves. */
const OPEN_NAME =
  /^(?:readme|licen[cs]e|copying|changelog|contributing|makefile|justfile|dockerfile|kustomization|taskfile)(?:\.[a-z]+)?$|^\.(?:[a-z]*ignore|gitattributes|git-?keep|keep|editorconfig|envrc)$|\.(?:md|rst|adoc|org|html?|css|svg|png|jpe?g|gif|pdf|nix|tf|hcl|cue|jsonnet|libsonnet|rego|sh|bash|zsh|fish|py|rb|go|rs|js|mjs|ts|tsx|java|kt|c|h|cpp|lua|pl|php|ps1|lock|pub|age|gpg|pgp|asc|crt|csr)$/i;

/** Names of files that others are made from. */
const SAMPLE_NAME =
  /\.(?:tpl|tmpl|template|j2|jinja2?|gotmpl|skel|schema\.json)$|[._-](?:example|sample|template|schema|dist)\b/i;

/** What files say of themselves that another program has encrypted. */
const ENCRYPTED_OTHERWISE =
  /^(?:\$ANSIBLE_VAULT;|age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----|-----BEGIN PGP MESSAGE-----|\0GITCRYPT)/;

/** Names that say "this is encrypted". */
const ENCRYPTED_NAME = /\.(?:enc|encrypted|sops)\.|^(?:enc|encrypted)[._-]|[-_](?:enc|encrypted)\./i;

/** Words that say "this is secret" of a file that is called so. */
const SECRET_NAME = /(?<![a-z])(?:secrets?|credentials?|creds|passwords?)(?![a-z])/i;

/** Words that say "this is secret" in a pattern, which is about nothing but encryption. */
const SECRET_WORD =
  /(?<![a-z])(?:secrets?|enc|encrypted|sops|crypt|vault|private|credentials?|creds|passwords?|passwd|tokens?)(?![a-z])/i;

/** Of a name that no file has: whether a pattern matches it beside a file tells whether it means that file. */
const STRANGER = "zq7-not-a-file";

/** What says that a file is secret. */
interface Claim {
  readonly severity: Severity;
  /** To stand behind "encrypted by rule 2": why it is expected. */
  readonly reason: string;
}

/**
 * @returns undefined for what is plain on purpose; `unjudged` where a rule matches and nothing says that the file is secret
 */
export async function judgePlainFile(file: PlainFile): Promise<CheckFinding | "unjudged" | undefined> {
  const { path, comparedPath, bytes, rule, config } = file;
  const name = comparedPath.slice(comparedPath.search(/[^/\\]*$/));
  if (SAMPLE_NAME.test(name) || OPEN_NAME.test(name) && !/\.(?:enc|encrypted|sops)\./i.test(name)) return undefined;
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_START_BYTES));
  if (ENCRYPTED_OTHERWISE.test(start) || !holdsContent(bytes)) return undefined;
  const format = storeOfName(name);
  const kinds = format === "yaml" || format === "json"
    ? findKubernetesKinds(new TextDecoder().decode(bytes))
    : undefined;
  const claim = await findClaim(file, name, kinds);
  if (claim === undefined) {
    return rule === undefined || format === "binary" || kinds !== undefined ? undefined : "unjudged";
  }
  const values = await findSecretValues(file, format);
  if (values?.count === 0) return undefined;
  const { count, lineNumber, isUnreadable = false } = values ?? {};
  return finding("plaintext", {
    path,
    severity: claim.severity,
    ...(lineNumber === undefined ? {} : { lineNumber }),
    found: count === undefined
      ? `the file is in clear${isUnreadable ? ", in a form that SOPS does not read" : ""}`
      : `${formatCount(count, "value")} in clear`,
    expected: rule === undefined
      ? `encrypted: ${claim.reason}, and no rule of "${config.path}" matches it`
      : `encrypted by rule ${rule.index + 1} of "${config.path}": ${claim.reason}`,
    step: rule === undefined ? "explain-rules" : isUnreadable ? "correct-then-encrypt" : "encrypt",
    ...forKeys(rule?.groups.flatMap(({ keys }) => keys) ?? []),
  });
}

/** @returns whether there is more than blank lines, comments and marks of documents */
function holdsContent(bytes: Uint8Array): boolean {
  return /^(?!\s*(?:#|---\s*$|$))/m.test(new TextDecoder("latin1").decode(bytes));
}

/** How much of a file tells whether another program has encrypted it, in bytes. */
const MAX_START_BYTES = 256;

async function findClaim(
  { comparedPath, rule, wasEncrypted }: PlainFile,
  name: string,
  kinds: readonly string[] | undefined,
): Promise<Claim | undefined> {
  if (wasEncrypted) return { severity: "error", reason: "it is so in the last commit" };
  if (ENCRYPTED_NAME.test(name)) return { severity: "error", reason: "its name says so" };
  if (rule === undefined) return undefined;
  const pattern = rule.pathRegex ?? "";
  if (kinds !== undefined) {
    return kinds.includes("Secret") ? { severity: "error", reason: "it is a Secret of Kubernetes" } : undefined;
  }
  const word = SECRET_WORD.exec(pattern)?.[0] ??
    (/\benv\b/i.exec(pattern) && name.endsWith(".env") ? "env" : undefined);
  if (word !== undefined) return { severity: "error", reason: `the pattern says "${word}"` };
  if (pattern !== "" && !await matchesStranger(pattern, comparedPath, name)) {
    return { severity: "error", reason: "the pattern is about this file" };
  }
  const ofName = SECRET_NAME.exec(name)?.[0];
  return ofName === undefined ? undefined : { severity: "warning", reason: `its name says "${ofName}"` };
}

/** @returns whether the pattern also matches any other name in the same folder with the same ending */
async function matchesStranger(pattern: string, comparedPath: string, name: string): Promise<boolean> {
  const folder = comparedPath.slice(0, comparedPath.length - name.length);
  const ending = name.slice(Math.max(name.lastIndexOf("."), 0));
  return (await compilePattern(pattern))(`${folder}${STRANGER}${ending}`);
}

/** @returns the kinds of the objects in a manifest; undefined for what is none */
function findKubernetesKinds(text: string): string[] | undefined {
  if (!/^\s*"?apiVersion"?:/m.test(text)) return undefined;
  const kinds = Array.from(text.matchAll(/^(?:- |\s*")?kind"?:\s*"?(\w+)/gm), ([, kind = ""]) => kind);
  return kinds.length === 0 ? undefined : kinds;
}

/** A text that stands for a value, or has a place for one, which another program puts there. */
const PLACEHOLDER = /\$\{[^}]*\}|\{\{.*\}\}|^\s*(?:\$\w+|<[^>]*>)\s*$/s;

/** What a manifest says of itself, by the keys that lead to it. */
const OPEN_KEY = /^(?:apiVersion|kind|metadata:.*)$/;

/** What a rule would encrypt. */
interface SecretValues {
  /** Undefined: that cannot be told. */
  readonly count: number | undefined;
  /** Of the first one, or of what cannot be read. */
  readonly lineNumber: number | undefined;
  readonly isUnreadable?: boolean;
}

/** @returns what the rule would encrypt; undefined for a file that is one whole, which counts then */
async function findSecretValues(
  { path, bytes, rule }: PlainFile,
  format: StoreFormat,
): Promise<SecretValues | undefined> {
  if (format === "binary") return undefined;
  try {
    const { file } = await parseSopsFile(bytes, { path });
    const selector = await compileSelector(rule?.selectors ?? {}, compilePattern);
    const values = findVisibleFaults(file, selector).values.filter(({ name, value }) =>
      !OPEN_KEY.test(name) && !isPlaceholder(value)
    );
    return { count: values.length, lineNumber: values[0]?.lineNumber };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // What SOPS cannot read it does not encrypt: a template, most likely.
    const isTemplate = new TextDecoder().decode(bytes).includes("{{");
    return { count: isTemplate ? 0 : undefined, lineNumber: error.location?.line, isUnreadable: true };
  }
}

function isPlaceholder(value: Scalar): boolean {
  return typeof value === "string" && PLACEHOLDER.test(value);
}
