/**
 * The sops-nix settings that fit a repository, as the text of a module for NixOS, nix-darwin or home-manager. Pure.
 *
 * Names of options and their defaults as in sops-nix (modules/sops/default.nix, modules/nix-darwin/default.nix,
 * modules/home-manager/sops.nix).
 *
 * @module
 */
import { formatNixName, formatNixPath, formatNixString } from "./nix_language.ts";

/** Where a module is used. */
export type ModuleKind = "nixos" | "nix-darwin" | "home-manager";

/** An encrypted file, as far as a module speaks of it. */
export interface ModuleFile {
  /** Relative to the folder that the module is written for, with `/` between folders. */
  readonly path: string;
  /** How sops-nix reads it. */
  readonly format: "yaml" | "json" | "dotenv" | "ini" | "binary";
  /** The paths of its text values; of a file that is taken whole, none. */
  readonly names: readonly string[];
  /** The paths of its other values, which sops-nix cannot take. */
  readonly leftOut: readonly string[];
}

/** The key that the machine decrypts with. */
export type ModuleKey =
  /** ssh private keys that sops-nix converts; the recipients of one of them are in the rules. */
  | { readonly kind: "ssh"; readonly path: string; readonly name: string }
  /** A keys file. In a home-manager module, a path below the home folder is written relative to it. */
  | {
    readonly kind: "file";
    readonly path: string;
    readonly isBelowHome: boolean;
    readonly isRecipient: boolean;
    /** What the rules call the hosts that they know, of which this one is none. */
    readonly otherHosts: readonly string[];
  };

/** What a module is made of. */
export interface ModuleContent {
  readonly kind: ModuleKind;
  readonly key: ModuleKey;
  /** In the order in which they are listed; the first is the default file when sops-nix can take values from it. */
  readonly files: readonly ModuleFile[];
  /** The default file where there is no encrypted file yet, relative like {@link ModuleFile.path}. */
  readonly firstFile: string;
}

const HEADS: Readonly<Record<ModuleKind, readonly string[]>> = {
  nixos: [
    "# For NixOS: import this file beside sops-nix.nixosModules.sops. Paths are relative to this file.",
    "{ config, ... }:",
  ],
  "nix-darwin": [
    "# For nix-darwin: import this file beside sops-nix.darwinModules.sops. Paths are relative to this file.",
    "{ config, ... }:",
  ],
  "home-manager": [
    "# For home-manager: import this file beside sops-nix.homeManagerModules.sops. Paths are relative to this file.",
    "{ config, ... }:",
  ],
};

const OPTIONS: Readonly<Record<ModuleKind, readonly string[]>> = {
  nixos: [
    "# Each secret becomes the file config.sops.secrets.NAME.path. What may be set for one:",
    "#   sopsFile  another encrypted file            key    its name in the file, when it differs from NAME",
    '#   path      a symlink to it elsewhere         mode   permissions, "0400" unless set',
    "#   owner     who may read it, root unless set  group  that of the owner unless set",
  ],
  "nix-darwin": [
    "# Each secret becomes the file config.sops.secrets.NAME.path. What may be set for one:",
    "#   sopsFile  another encrypted file            key    its name in the file, when it differs from NAME",
    '#   path      a symlink to it elsewhere         mode   permissions, "0400" unless set',
    "#   owner     who may read it, root unless set  group  staff unless set",
  ],
  "home-manager": [
    "# Each secret becomes the file config.sops.secrets.NAME.path. What may be set for one:",
    "#   sopsFile  another encrypted file     key    its name in the file, when it differs from NAME",
    '#   path      a symlink to it elsewhere  mode   permissions, "0400" unless set',
  ],
};

/** Else sops-nix imports the RSA host keys as PGP keys, which no file here is encrypted for. */
const NO_GNUPG: readonly string[] = ["gnupg.sshKeyPaths = [ ]; # only age keys are used"];

/** @returns the text of the module, with a final newline */
export function formatModule(content: ModuleContent): string {
  const { kind, files, firstFile } = content;
  const defaultFile = files.find(({ names }) => names.length > 0);
  const body = [
    defaultFile === undefined
      ? `# defaultSopsFile = ${formatNixPath(firstFile)};   once there is such a file`
      : `defaultSopsFile = ${formatNixPath(defaultFile.path)};`,
    ...formatFormat(defaultFile),
    "",
    ...formatKey(content),
    ...(kind === "home-manager" ? [] : NO_GNUPG),
    "",
    ...OPTIONS[kind],
    "secrets = {",
    ...formatSecrets(files, defaultFile).map((line) => `  ${line}`),
    "};",
  ];
  const lines = [...HEADS[kind], "{", "  sops = {", ...body.map((line) => line && `    ${line}`), "  };", "}", ""];
  return lines.join("\n");
}

function formatFormat(file: ModuleFile | undefined): string[] {
  return file === undefined || file.format === "yaml" ? [] : [`defaultSopsFormat = ${formatNixString(file.format)};`];
}

function formatKey({ kind, key }: ModuleContent): string[] {
  if (key.kind === "ssh") {
    return [
      `# The ssh key of this ${kind === "home-manager" ? "user" : "host"}, known to the rules as ${key.name}.`,
      `age.sshKeyPaths = [ ${formatNixString(key.path)} ];`,
    ];
  }
  const value = key.isBelowHome
    ? `"\${config.home.homeDirectory}/${formatNixString(key.path).slice(1, -1)}"`
    : formatNixString(key.path);
  const how = key.isRecipient
    ? [
      "# The keys file of the identity that decrypts here. Never a path in the repository: it would be copied to the store.",
    ]
    : key.otherHosts.length > 0
    ? [
      "# No rule knows a key of this machine. The settings for a host that the rules know:",
      `#   sopsmith init --${kind} --host NAME, with NAME one of ${key.otherHosts.join(", ")}`,
      "# For this one, add its ssh host key (sopsmith recipient add NAME --ssh-host HOST) and use age.sshKeyPaths instead,",
      "# or put an identity that a rule knows into this file, on the host, never into the repository:",
    ]
    : [
      "# No rule knows a key of this host yet. Add its ssh host key, and use age.sshKeyPaths instead:",
      "#   sopsmith recipient add NAME --ssh-host HOST",
      "# or put an identity that a rule knows into this file, on the host, never into the repository:",
    ];
  return [...how, `age.keyFile = ${value};`];
}

function formatSecrets(files: readonly ModuleFile[], defaultFile: ModuleFile | undefined): string[] {
  const taken = new Set<string>();
  const lines = files.flatMap((file) => {
    if (file.names.length > 0) return file.names.map((name) => formatValue(file, name, defaultFile, taken));
    const settings = [`sopsFile = ${formatNixPath(file.path)};`, `format = ${formatNixString(file.format)};`];
    const isStructured = file.format === "yaml" || file.format === "json";
    if (isStructured) settings.push('key = "";'); // no single value to take
    return [`${formatNixName(takeName(baseName(file.path), file, taken))} = { ${settings.join(" ")} };`];
  });
  const leftOut = files.flatMap(({ path, leftOut }) =>
    leftOut.map((name) => `# ${name} of ${path} is no text: sops-nix takes only text, so write it in quotes there`)
  );
  return [...(lines.length > 0 ? lines : ["# NAME = { };"]), ...leftOut];
}

function formatValue(
  file: ModuleFile,
  name: string,
  defaultFile: ModuleFile | undefined,
  taken: Set<string>,
): string {
  const attribute = takeName(name, file, taken);
  const settings = [
    ...(attribute === name ? [] : [`key = ${formatNixString(name)};`]),
    ...(file === defaultFile ? [] : [`sopsFile = ${formatNixPath(file.path)};`]),
    ...(file.format === (defaultFile?.format ?? "yaml") ? [] : [`format = ${formatNixString(file.format)};`]),
  ];
  return `${formatNixName(attribute)} = ${settings.length === 0 ? "{ }" : `{ ${settings.join(" ")} }`};`;
}

/** @returns the name; with that of its file, then with its whole path in front, when another secret has it */
function takeName(name: string, { path }: ModuleFile, taken: Set<string>): string {
  const stem = baseName(path).replace(/(?:\.enc)?\.\w+$/, "");
  const free = [name, `${stem}/${name}`, `${path}/${name}`].find((candidate) => !taken.has(candidate)) ?? name;
  taken.add(free);
  return free;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
