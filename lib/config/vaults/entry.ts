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
import { type ConfigMap, type ConfigPlace, type ConfigValue, keyLocation, mistakeAt, unusableAt } from "./layers.ts";
import { expandPath } from "./expand_path.ts";
import {
  type AgeKeySource,
  canGenerateKey,
  type ConfigNotice,
  KEYCHAIN_STORE,
  type UnusableVault,
  type Vault,
} from "./vault.ts";
import { callYamlFunction, type FunctionContext } from "./yaml_function.ts";

/** What the values of an entry depend on. */
export interface SpecContext extends FunctionContext {
  readonly host: Host;
  /** Absolute. */
  readonly basePath: string;
  /** The top-level `stores:`. */
  readonly stores: ConfigMap | undefined;
  /** Takes warnings. */
  warn(notice: ConfigNotice): void;
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

/** A value as text, with the place of the value that it was read from. */
export interface PlacedText {
  readonly text: string;
  readonly place: ConfigPlace;
}

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
    return { name, kind, definedAt, ...parseSpec(name, spec, context) };
  } catch (error) {
    if (!(error instanceof UserError) || error.kind === "malformed") throw error;
    return { name, kind, definedAt, error };
  }
}

function parseSpec(
  name: string,
  spec: ConfigMap | undefined,
  context: SpecContext,
): Omit<Vault, "name" | "kind" | "definedAt"> {
  const { host: { paths }, basePath } = context;
  const text = (key: string): PlacedText | undefined =>
    findText(spec?.find(key), `"${key}" of vault "${name}"`, context);
  const file = text("file");
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
  const entry = context.stores?.find(store);
  if (entry?.type !== "map") return { storeKind: undefined };
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

/**
 * @param what names the value in messages: `"file" of vault "prod"`
 * @returns the text of a value; undefined when it is absent, null or empty
 * @throws {UserError} `malformed` when it is no text; `unsupported` or `not-found` when its function is refused
 */
export function findText(
  value: ConfigValue | undefined,
  what: string,
  context: Pick<SpecContext, "host" | "gitRoot" | "warn">,
): PlacedText | undefined {
  if (value === undefined) return undefined;
  const { place } = value;
  if (value.type === "scalar" && value.scalarType === "string") return placed(value.text, place);
  if (value.type !== "function") throw wrongType(value, what, "text");
  const result = callYamlFunction(value.name, value.argument, context);
  switch (result.type) {
    case "text":
      return placed(result.text, place);
    case "unset":
      context.warn({
        message: `${what} counts as absent: the variable ${result.variable} is not set`,
        location: keyLocation(place),
      });
      return undefined;
    case "mistake":
      throw mistakeAt(place, `${what} holds ${result.problem}`);
    case "refused":
      throw unusableAt(place, `${what} needs ${value.name}, ${result.reason}`, {
        kind: "unsupported",
        hint: "write the value itself, or take it from the environment with !env NAME",
      });
  }
}

function placed(text: string, place: ConfigPlace): PlacedText | undefined {
  return text === "" ? undefined : { text, place };
}

/**
 * @returns the mapping; undefined when the value is absent
 * @throws {UserError} `malformed` for another type, `unsupported` for a function
 */
export function mapOf(value: ConfigValue | undefined, what: string): ConfigMap | undefined {
  if (value === undefined || value.type === "map") return value;
  if (value.type !== "function") throw wrongType(value, what, "a mapping");
  throw unusableAt(value.place, `${what} needs ${value.name}, which this version does not read`, {
    kind: "unsupported",
    hint: "write the keys and values themselves",
  });
}

const TYPE_NAMES = {
  string: "text",
  null: "nothing",
  boolean: "true or false",
  integer: "a number",
  float: "a number",
  timestamp: "a date",
} as const;

function wrongType(value: ConfigValue, what: string, expected: string): UserError {
  const found = value.type === "map" ? "a mapping" : value.type === "list" ? "a list" : scalarTypeName(value);
  const isQuotable = expected === "text" && (value.type === "scalar" || value.type === "map");
  const hints = isQuotable ? ["put the value in quotes"] : [];
  return mistakeAt(value.place, `${what} is ${found}, expected ${expected}`, hints);
}

function scalarTypeName(value: ConfigValue): string {
  return value.type === "scalar" ? TYPE_NAMES[value.scalarType] : "a function";
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
