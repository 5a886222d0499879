/**
 * Rules as people write them, and paths to ask them with.
 *
 * @module
 */
import fc from "../../support/property.ts";

/** What people write, and what git gets; undefined: the files are named one by one. */
export const RULES: readonly [pathRegex: string, patterns: readonly string[] | undefined][] = [
  ["^secrets/.*\\.(ya?ml|json|env|ini)$", [
    "secrets/**/*.yaml",
    "secrets/**/*.yml",
    "secrets/**/*.json",
    "secrets/**/*.env",
    "secrets/**/*.ini",
  ]],
  ["secrets/[^/]+\\.yaml$", ["**/*secrets/*.yaml"]],
  ["^secrets/[^/]+\\.(yaml|json)$", ["secrets/*.yaml", "secrets/*.json"]],
  ["(^|/)secrets/.*", ["**/secrets/**"]],
  ["^secrets/", ["secrets/**"]],
  [".*\\.enc\\.yaml$", ["**/*.enc.yaml"]],
  ["\\.sops\\.ya?ml$", ["**/*.sops.yaml", "**/*.sops.yml"]],
  ["^clusters/[a-z0-9-]+/secrets\\.yaml$", ["clusters/*/secrets.yaml"]],
  ["^a/b.c$", ["a/b?c"]],
  ["^prod.*/db\\.yaml$", ["prod*/**/db.yaml"]],
  ["^x.*y$", ["x*y", "x*/**/*y"]],
  ["^\\[a\\]\\*$", ["\\[a\\]\\*"]],
  [".*\\.yaml$", undefined],
  ["", undefined],
  [".*", undefined],
  ["(?i)secrets", undefined],
  ["^(ab)+/x$", undefined],
  ["a^b", undefined],
];

/** Paths of the words that the rules are made of. */
export const PATHS = fc.array(
  fc.constantFrom(
    "secrets",
    "a",
    "b",
    "x.yaml",
    ".enc.yaml",
    "db.yaml",
    "prod",
    "y",
    "[a]*",
    "clusters",
    "x.sops.yml",
    "e",
  ),
  { minLength: 1, maxLength: 6 },
).chain((words) =>
  fc.array(fc.constantFrom("/", "", "-"), { minLength: words.length, maxLength: words.length }).map((joints) =>
    words.map((word, i) => (i === 0 ? "" : joints[i]!) + word).join("")
  )
).filter((path) => !path.endsWith("/") && !path.includes("//"));
