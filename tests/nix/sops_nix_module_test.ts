import { formatNixName, formatNixPath, formatNixString } from "../../lib/nix/nix_language.ts";
import { formatModule, type ModuleContent } from "../../lib/nix/sops_nix_module.ts";
import { assertEquals } from "../support/assert.ts";

const KEYS_FILE = {
  kind: "file",
  path: "/var/lib/sops-nix/key.txt",
  isBelowHome: false,
  isRecipient: false,
  otherHosts: [],
} as const;

function moduleOf(content: Partial<ModuleContent>): string {
  return formatModule({ kind: "nixos", key: KEYS_FILE, files: [], firstFile: "secrets/secrets.yaml", ...content });
}

function secretsOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.slice(lines.indexOf("secrets = {") + 1, lines.indexOf("};"));
}

Deno.test("formatNixString() escapes what Nix would read", () => {
  assertEquals(formatNixString('a"b\\c ${d} $e\n\t'), '"a\\"b\\\\c \\${d} $e\\n\\t"');
});

Deno.test("formatNixName() quotes names that are no identifiers", () => {
  assertEquals(["token", "a/b", "in", "9", "it's", "a-b"].map(formatNixName), [
    "token",
    '"a/b"',
    '"in"',
    '"9"',
    "it's",
    "a-b",
  ]);
});

Deno.test("formatNixPath() writes a path literal, or a string where a literal cannot be", () => {
  assertEquals(formatNixPath("secrets/a.yaml"), "./secrets/a.yaml");
  assertEquals(formatNixPath("my secrets/a.yaml"), '(./. + "/my secrets/a.yaml")');
});

Deno.test("formatModule() takes the first file with names as the default", () => {
  const text = moduleOf({
    files: [
      { path: "secrets/app.env", format: "dotenv", names: [], leftOut: [] },
      { path: "secrets/db.yaml", format: "yaml", names: ["db/password", "token"], leftOut: [] },
      { path: "secrets/web.json", format: "json", names: ["token"], leftOut: [] },
    ],
  });
  assertEquals(/defaultSopsFile = (.*);/.exec(text)?.[1], "./secrets/db.yaml");
  assertEquals(secretsOf(text), [
    '"app.env" = { sopsFile = ./secrets/app.env; format = "dotenv"; };',
    '"db/password" = { };',
    "token = { };",
    '"web/token" = { key = "token"; sopsFile = ./secrets/web.json; format = "json"; };',
  ]);
});

Deno.test("formatModule() says so when the default file is no YAML", () => {
  const text = moduleOf({ files: [{ path: "secrets/web.json", format: "json", names: ["token"], leftOut: [] }] });
  assertEquals(/defaultSopsFormat = (.*);/.exec(text)?.[1], '"json"');
  assertEquals(secretsOf(text), ["token = { };"]);
});

Deno.test("formatModule() takes a file without a text value as a whole", () => {
  const text = moduleOf({ files: [{ path: "secrets/list.yaml", format: "yaml", names: [], leftOut: [] }] });
  assertEquals(secretsOf(text), ['"list.yaml" = { sopsFile = ./secrets/list.yaml; format = "yaml"; key = ""; };']);
});

Deno.test("formatModule() names a file to come where there is none", () => {
  const text = moduleOf({});
  assertEquals(/defaultSopsFile = (.*);/.exec(text)?.[1], "./secrets/secrets.yaml");
  assertEquals(secretsOf(text), ["# NAME = { };"]);
});

Deno.test("formatModule() names the key of the host or of the user", () => {
  const line = (content: Partial<ModuleContent>): string | undefined => /age\..*;/.exec(moduleOf(content))?.[0];
  assertEquals(line({}), 'age.keyFile = "/var/lib/sops-nix/key.txt";');
  assertEquals(
    line({ key: { kind: "ssh", path: "/etc/ssh/ssh_host_ed25519_key", name: "skadi" } }),
    'age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];',
  );
  assertEquals(
    line({
      kind: "home-manager",
      key: { kind: "file", path: ".config/sops/age/keys.txt", isBelowHome: true, isRecipient: true, otherHosts: [] },
    }),
    'age.keyFile = "${config.home.homeDirectory}/.config/sops/age/keys.txt";',
  );
});
