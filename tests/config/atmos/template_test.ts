import type { ErrorKind } from "../../../lib/base/error.ts";
import { parsePathTemplate } from "../../../lib/config/vaults/files.ts";
import { parseTemplate, renderTemplate } from "../../../lib/config/atmos/template.ts";
import fc from "../../support/property.ts";
import { matchesPath } from "../../support/rule_match.ts";
import { formatPathRegex } from "../../../lib/config/patterns/path_regex.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const LOCATION = { path: "/repo/atmos.yaml", line: 7, column: 9 };

function render(template: string, env: Record<string, string> = {}): string {
  const field = (name: string): string => name === ".atmos_stack" ? "Plat-Prod" : "vpc/primary";
  const data = { field, env: (name: string): string | undefined => env[name] };
  return renderTemplate(parseTemplate(template), data);
}

/** Rendered by Go's text/template with sprig's string functions. */
const RENDERED = [
  ["plain.yaml", "plain.yaml"],
  ["", ""],
  ["a/{{ .atmos_stack }}.enc.yaml", "a/Plat-Prod.enc.yaml"],
  ["{{.atmos_stack}}.{{.atmos_component}}", "Plat-Prod.vpc/primary"],
  ["{{ lower .atmos_stack }}", "plat-prod"],
  ["{{ .atmos_stack | upper }}", "PLAT-PROD"],
  ['{{ .atmos_component | replace "/" "-" | upper }}', "VPC-PRIMARY"],
  ['{{ trimPrefix "Plat-" .atmos_stack }}', "Prod"],
  ['{{ trimPrefix "x" .atmos_stack }}', "Plat-Prod"],
  ['{{ .atmos_stack | trimSuffix "-Prod" | lower }}', "plat"],
  ['{{ .atmos_stack | trimSuffix "" }}', "Plat-Prod"],
  ['{{ env "REGION" | default "eu" }}', "eu"],
  ['{{ default "eu" (env "SET") }}', "us"],
  ["{{ lower (upper (lower .atmos_stack)) }}", "plat-prod"],
  ["{{ `raw\\n` }}", "raw\\n"],
  ['{{ "a\\tb" }}', "a\tb"],
  ["a {{- .atmos_stack -}} b", "aPlat-Prodb"],
  ["a {{ .atmos_stack }} b", "a Plat-Prod b"],
  ["a{{/* a comment */}}b", "ab"],
  ["a {{- /* trimmed */ -}} b", "ab"],
  ['{{ replace "$" "$&" "a$b" }}', "a$&b"],
  ["{{ (.atmos_stack) }}", "Plat-Prod"],
  ["a}}b", "a}}b"],
] as const;

for (const [template, expected] of RENDERED) {
  Deno.test(`renderTemplate() renders ${JSON.stringify(template)}`, () => {
    assertEquals(render(template, { SET: "us" }), expected);
  });
}

const REFUSED: readonly (readonly [template: string, kind: ErrorKind, message: RegExp])[] = [
  ["{{ sha256sum .atmos_stack }}", "unsupported", /does not have the function "sha256sum"$/],
  ["{{ .atmos_stack | trunc 3 }}", "unsupported", /"trunc"/],
  ["{{ if .atmos_stack }}x{{ end }}", "unsupported", /"if"/],
  ["{{ constructor .atmos_stack }}", "unsupported", /"constructor"/],
  ["{{ .atmos_region }}", "unsupported", /field ".atmos_region"/],
  ["{{ . }}", "unsupported", /field "."/],
  ["{{ .atmos_stack.name }}", "unsupported", /field ".atmos_stack.name"/],
  ["{{ .atmos_stack }", "malformed", /an unexpected "\}"$/],
  ["{{ .atmos_stack", "malformed", /"\{\{" without "\}\}"$/],
  ["{{", "malformed", /"\{\{" without "\}\}"$/],
  ["{{ }}", "malformed", /an empty expression$/],
  ["{{ lower }}", "malformed", /"lower" with 0 arguments, expected 1$/],
  ["{{ upper .atmos_stack | lower .atmos_stack }}", "malformed", /"lower" with 2 arguments, expected 1$/],
  ['{{ replace "/" 5 .atmos_stack }}', "malformed", /"replace" with 1 arguments, expected 3$/],
  ["{{ .atmos_stack .atmos_component }}", "malformed", /an unexpected ".atmos_component"$/],
  ['{{ .atmos_stack | "x" }}', "malformed", /after a pipe, expected a function$/],
  ["{{ .atmos_stack | }}", "malformed", /after a pipe, expected a function$/],
  ["{{ (.atmos_stack }}", "malformed", /a parenthesis that is not closed$/],
  ["{{ lower upper .atmos_stack }}", "malformed", /"lower" with 0 arguments, expected 1$/],
  ['{{ "\\x41" }}', "malformed", /an escape that is not known$/],
  ["{{ /* a space too many */ }}", "malformed", /an unexpected "\/"$/],
  ["{{ $x }}", "malformed", /an unexpected "\$"$/],
  ["{{ " + "(".repeat(100) + ".atmos_stack" + ")".repeat(100) + " }}", "malformed", /nested too deeply$/],
];

for (const [template, kind, message] of REFUSED) {
  Deno.test(`parsePathTemplate() refuses ${JSON.stringify(template.slice(0, 50))}`, () => {
    const error = assertUserError(assertThrows(() => parsePathTemplate(template, LOCATION)), kind, message);
    assertEquals(error.location, LOCATION);
  });
}

Deno.test("parsePathTemplate() suggests the function that was meant", () => {
  const error = assertUserError(
    assertThrows(() => parsePathTemplate("{{ lowr .atmos_stack }}", undefined)),
    "unsupported",
  );
  assertEquals(error.hints, ["write lower"]);
  assertEquals(error.location, undefined);
});

Deno.test("renderTemplate() renders a path that the pattern of the template matches", () => {
  const literal = fc.string({ unit: fc.constantFrom(..."ab.-_+()[]{}$^*\\ /é"), maxLength: 8 })
    .filter((text) => !text.includes("{{") && !text.endsWith("{"));
  const expression = fc.constantFrom(
    "{{ .atmos_stack }}",
    "{{- .atmos_component | lower -}}",
    '{{ replace "/" "}}" .atmos_component }}',
    '{{ env "X" | default `}}` }}',
    "{{/* note */}}",
    '{{ .atmos_stack | trimPrefix "P" }}',
  );
  const name = fc.string({ unit: fc.constantFrom(..."abcXYZ-./_ "), maxLength: 12 });
  fc.assert(fc.property(
    fc.array(fc.oneof(literal, expression), { maxLength: 6 }),
    name,
    name,
    fc.boolean(),
    (parts, stack, component, anchored) => {
      const template = parts.join("");
      const path = renderTemplate(parseTemplate(template), {
        field: (name) => name === ".atmos_stack" ? stack : component,
        env: () => component,
      });
      const compared = template.startsWith("./") ? path.replace(/^(?:\.\/+)+/, "") : path;
      return matchesPath(formatPathRegex(template, { os: "linux", anchored }), compared);
    },
  ));
});

/** As Go's text/template renders them. */
const CONDITIONS = [
  ['{{ if eq .a "x" }}yes{{ else }}no{{ end }}', "yes"],
  ['{{ if ne .a "x" }}yes{{ else }}{{ .b }}-{{ .a }}{{ end }}', "y-x"],
  ['{{ if eq .a "z" }}1{{ else if eq .b "y" }}2{{ else }}3{{ end }}!', "2!"],
  ['{{ if eq .a "z" }}1{{ else if eq .b "z" }}2{{ end }}!', "!"],
  ["a {{- if .empty }} b {{- end }} c", "a c"],
  ["a {{- if .a -}} b {{- end -}} c", "abc"],
  ['{{ if and .a (eq .b "y") }}1{{ end }}{{ if or .empty .a }}2{{ end }}{{ if not .empty }}3{{ end }}', "123"],
  ['{{ if and .a .empty }}1{{ end }}{{ or .empty "text" }} {{ and .a .b }} {{ eq .a "x" }}', "text y true"],
] as const;

for (const [template, expected] of CONDITIONS) {
  Deno.test(`renderTemplate() evaluates ${template}`, () => {
    const values: Readonly<Record<string, string>> = { ".a": "x", ".b": "y", ".empty": "" };
    const data = { field: (name: string): string => values[name] ?? "?", env: () => undefined };
    assertEquals(renderTemplate(parseTemplate(template), data), expected);
  });
}

Deno.test("parseTemplate() refuses conditions that do not end, and those in paths", () => {
  for (const template of ["{{ if .a }}", "{{ if .a }}{{ else }}", "{{ end }}", "{{ else }}", "{{ if }}{{ end }}"]) {
    assertUserError(assertThrows(() => parseTemplate(template)), "malformed");
  }
  assertUserError(assertThrows(() => parsePathTemplate("{{ if .atmos_stack }}{{ end }}", undefined)), "unsupported");
});

Deno.test("renderTemplate() guesses no truth of what may be no text", () => {
  for (const text of ["false", "0", "true", "1.5"]) {
    const data = { field: () => text, env: () => undefined };
    assertUserError(assertThrows(() => renderTemplate(parseTemplate("{{ if .a }}x{{ end }}"), data)), "unsupported");
  }
});
