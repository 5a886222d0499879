/**
 * From one entry of `secrets.providers` to a {@link Vault}: types checked, functions answered, paths resolved.
 *
 * Keeps no key material: an inline `age_key` is only noted. A value of the wrong type is an error with line and column,
 * an unknown key a warning. Pure but for the variables of the host. Spec: vaults §1–2.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Host } from "../../base/host/host.ts";
import { suggest } from "../../base/show/suggest.ts";
import {
  type ConfigMap,
  type ConfigPlace,
  type ConfigValue,
  findMap,
  keyLocation,
  unusableAt,
} from "../atmos/layers.ts";
import { findText, mapOf, type PlacedText, type ValueContext, wrongType } from "../atmos/value.ts";
import { expandPath } from "./expand_path.ts";
import { parsePathTemplate } from "./files.ts";
import { type AgeKeySource, canGenerateKey, KEYCHAIN_STORE, type UnusableVault, type Vault } from "./vault.ts";

/** What the values of an entry depend on. */
export interface SpecContext extends ValueContext {
  readonly host: Host;
  /** Absolute. */
  readonly basePath: string;
  /** The top-level `stores:`. */
  readonly stores: ConfigMap | undefined;
}

const PROVIDER_KEYS = ["kind", "identity", "spec"];
const SPEC_KEYS = ["file", "path", "age_key", "age_key_file", "recipients_file", "age_recipients"];
const AGE_KEY_KEYS = ["store", "path", "value"];
const KEYCHAIN_OPTIONS = ["service", "prefix", "stack_delimiter"];

/** Folder of the encrypted files when a vault names none, as in atmos. */
const DEFAULT_FOLDER = "secrets";

/** Name of the recipients file when a vault names none, as in atmos. */
const DEFAULT_RECIPIENTS_FILE = ".sops.yaml";

/** The value of `age_key.store` that means a file. */
const FILE_STORE = "file";

/**
 * Reads one vault.
 *
 * @param name the key under `providers`
 * @param providers the mapping that holds it
 * @returns the vault, or why this machine or this version cannot use it
 * @throws {UserError} `malformed` when a value has the wrong type
 */
export function parseVault(name: string, providers: ConfigMap, context: SpecContext): Vault | UnusableVault {
  const entry = providers.find(name);
  const place = entry?.place ?? providers.placeOf(name);
  const definedAt = keyLocation(place);
  let kind = "";
  try {
    const provider = mapOf(entry, `vault "${name}"`);
    kind = findText(provider?.find("kind"), `"kind" of vault "${name}"`, context)?.text ?? "";
    const spec = mapOf(provider?.find("spec"), `"spec" of vault "${name}"`);
    if (canGenerateKey(kind)) {
      warnUnknownKeys(provider, { what: `vault "${name}"`, known: PROVIDER_KEYS }, context);
      warnUnknownKeys(spec, { what: `"spec" of vault "${name}"`, known: SPEC_KEYS }, context);
    }
    return { name, kind, definedAt, definedFor: undefined, ...parseSpec(name, spec, context) };
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "malformed") throw error;
    return { name, kind, definedAt, definedFor: undefined, error };
  }
}

function parseSpec(
  name: string,
  spec: ConfigMap | undefined,
  context: SpecContext,
): Omit<Vault, "name" | "kind" | "definedAt" | "definedFor"> {
  const { host: { paths }, basePath } = context;
  const text = (key: string): PlacedText | undefined =>
    findText(spec?.find(key), `"${key}" of vault "${name}"`, context);
  const file = findPathTemplate(name, spec, context);
  const recipients = text("age_recipients");
  const { ageKey, place } = parseAgeKey(name, spec, context);
  return {
    basePath,
    file: file?.text,
    fileAt: file && keyLocation(file.place),
    folder: text("path")?.text ?? DEFAULT_FOLDER,
    ageKey,
    ageKeyAt: place && keyLocation(place),
    recipientsFile: paths.resolve(basePath, text("recipients_file")?.text ?? DEFAULT_RECIPIENTS_FILE),
    ageRecipients: recipients?.text,
    ageRecipientsAt: recipients && keyLocation(recipients.place),
    hiddenConfig: undefined,
  };
}

/** The path may be a template of its own, for whoever asks for a file; one that asks for more is evaluated here. */
function findPathTemplate(name: string, spec: ConfigMap | undefined, context: SpecContext): PlacedText | undefined {
  const what = `"file" of vault "${name}"`;
  const written = findText(spec?.find("file"), what, { ...context, render: undefined });
  if (written === undefined || context.render === undefined || !written.text.includes("{{")) return written;
  try {
    parsePathTemplate(written.text, keyLocation(written.place));
    return written;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return findText(spec?.find("file"), what, context);
  }
}

interface PlacedAgeKey {
  readonly ageKey: AgeKeySource;
  readonly place: ConfigPlace | undefined;
}

/** In the order of atmos: inline value, store, file. */
function parseAgeKey(name: string, spec: ConfigMap | undefined, context: SpecContext): PlacedAgeKey {
  const value = spec?.find("age_key");
  const what = `"age_key" of vault "${name}"`;
  if (value !== undefined && value.type !== "map") {
    if (value.type === "list") throw wrongType(value, what, "text or a mapping");
    if (isInline(value, what, context)) return { ageKey: { form: "inline" }, place: value.place };
  }
  const map = value?.type === "map" ? value : undefined;
  warnUnknownKeys(map, { what, known: AGE_KEY_KEYS }, context);
  const inline = map?.find("value");
  if (inline !== undefined && isInline(inline, `"age_key.value" of vault "${name}"`, context)) {
    return { ageKey: { form: "inline" }, place: inline.place };
  }
  const store = findText(map?.find("store"), `"age_key.store" of vault "${name}"`, context);
  const path = findText(map?.find("path"), `"age_key.path" of vault "${name}"`, context);
  if (store !== undefined && store.text !== FILE_STORE) {
    const found = findStore(store.text, context);
    return { ageKey: { form: "store", store: store.text, path: path?.text ?? name, ...found }, place: store.place };
  }
  const field = path === undefined ? "age_key_file" : "age_key.path";
  const file = path ?? findText(spec?.find("age_key_file"), `"age_key_file" of vault "${name}"`, context);
  if (file === undefined) return { ageKey: { form: "default" }, place: undefined };
  return { ageKey: expandKeysFile(file, `"${field}" of vault "${name}"`, context), place: file.place };
}

function expandKeysFile(file: PlacedText, what: string, { host }: SpecContext): AgeKeySource {
  const expanded = expandPath(file.text, host);
  if ("path" in expanded) return { form: "file", path: expanded.path, written: file.text };
  throw unusableAt(file.place, `${what} has no value: ${expanded.problem}`, {
    kind: "not-found",
    hint: "set the variable, or write the path itself",
  });
}

/** Whether a value holds or yields key material. Its text is looked at for nothing but being there. */
function isInline(value: ConfigValue, what: string, context: SpecContext): boolean {
  if (value.type === "function") {
    // Any other function would yield key material too; none of them needs to run to know that.
    return value.name !== "!env" || findText(value, what, context) !== undefined;
  }
  if (value.type !== "scalar" || value.scalarType !== "string") throw wrongType(value, what, "text");
  return value.text !== "";
}

/** What an entry of `stores:` says. */
type FoundStore = Pick<AgeKeySource & { readonly form: "store" }, "storeKind" | "keychain">;

function findStore(store: string, context: SpecContext): FoundStore {
  const entry = findMap(context.stores, store);
  if (entry === undefined) return { storeKind: undefined };
  const text = (map: ConfigMap | undefined, key: string): string | undefined =>
    findText(map?.find(key), `"${key}" of store "${store}"`, context)?.text;
  const storeKind = text(entry, "kind") ?? text(entry, "type");
  const options = storeKind === KEYCHAIN_STORE
    ? mapOf(entry.find("options"), `"options" of store "${store}"`)
    : undefined;
  if (options === undefined) return { storeKind };
  warnUnknownKeys(options, { what: `"options" of store "${store}"`, known: KEYCHAIN_OPTIONS }, context);
  const keychain = {
    service: text(options, "service"),
    prefix: text(options, "prefix"),
    stackDelimiter: text(options, "stack_delimiter"),
  };
  return { storeKind, keychain };
}

/** Warns of every key that nothing reads, with the one that was probably meant. */
export function warnUnknownKeys(
  map: ConfigMap | undefined,
  { what, known }: { readonly what: string; readonly known: readonly string[] },
  context: Pick<SpecContext, "warn">,
): void {
  for (const name of map?.names ?? []) {
    if (known.includes(name)) continue;
    const near = suggest(name, known);
    context.warn({
      message: `unknown key "${name}" in ${what}${near === undefined ? "" : `; did you mean "${near}"?`}`,
      location: keyLocation(map!.placeOf(name)),
    });
  }
}
