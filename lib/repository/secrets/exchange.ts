/**
 * Secrets as other programs write and read them: lines of `NAME=VALUE`, or one JSON object. Pure. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import { formatSecretText, parseSecretName, secretAsJson, type SecretValue } from "./values.ts";

/** The forms. */
export type ExchangeFormat = "env" | "json";

/** @throws {UserError} `usage` for a form that there is not */
export function parseExchangeFormat(text: string | undefined): ExchangeFormat {
  if (text === undefined || text === "env" || text === "json") return text ?? "env";
  throw new UserError("usage", `--format takes env or json; found "${text}"`, { hints: ["pass --format json"] });
}

/**
 * Reads secrets.
 *
 * @param name of the source, for messages, which never hold a value
 * @returns texts by name; of a name that stands there twice the last
 * @throws {UserError} `malformed` for what cannot be read, with the number of the line
 */
export function parseSecrets(text: string, format: ExchangeFormat, name: string): Map<string, string> {
  return format === "json" ? parseJsonSecrets(text, name) : parseEnvSecrets(text, name);
}

function parseJsonSecrets(text: string, name: string): Map<string, string> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UserError("malformed", `cannot read "${name}": it is no JSON`, {
      hints: ["pass --format env for lines"],
    });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UserError("malformed", `cannot read "${name}": it is no JSON object, expected names with values`);
  }
  return new Map(
    Object.entries(content).map(([key, value]) => {
      const isScalar = ["string", "number", "boolean"].includes(typeof value);
      return [parseSecretName(key), isScalar ? String(value) : JSON.stringify(value)];
    }),
  );
}

/** A line, as atmos reads it: `export` and quotes around the value do not count, nor a comment behind a blank. */
const LINE = /^(?:export\s+)?([^=]+?)\s*=\s*(.*)$/s;

function parseEnvSecrets(text: string, name: string): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const [, key, value] = LINE.exec(trimmed) ?? [];
    if (key === undefined || value === undefined) {
      throw new UserError("malformed", `cannot read "${name}": line ${index + 1} is no NAME=VALUE`, {
        hints: ["pass --format json for JSON"],
      });
    }
    secrets.set(parseSecretName(key), unquote(value));
  }
  return secrets;
}

function unquote(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(value)?.[1] ?? /^'([^']*)'\s*(?:#.*)?$/.exec(value)?.[1];
  return quoted ?? value.replace(/\s+#.*$/, "");
}

/**
 * @returns the secrets as text, sorted by name
 * @throws {UserError} `unsupported` for a value that takes several lines, in the form of lines
 */
export function formatSecrets(secrets: readonly SecretValue[], format: ExchangeFormat): string {
  const sorted = [...secrets].sort((a, b) => a.name < b.name ? -1 : 1);
  if (format === "json") {
    return `${
      JSON.stringify(Object.fromEntries(sorted.map(({ name, value }) => [name, secretAsJson(value)])), undefined, 2)
    }\n`;
  }
  return sorted.map((secret) => `${secret.name}=${formatLine(secret)}\n`).join("");
}

function formatLine(secret: SecretValue): string {
  const text = formatSecretText(secret);
  if (!/[\r\n]/.test(text)) return text;
  throw new UserError("unsupported", `cannot write "${secret.name}" as a line: it takes several`, {
    hints: ["pass --format json"],
  });
}
