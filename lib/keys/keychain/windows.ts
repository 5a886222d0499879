/**
 * The Credential Manager of Windows, through PowerShell, which calls the system's functions CredRead and CredWrite.
 *
 * The script is the same for every entry and holds nothing of it: target, account and value stand on the standard input,
 * a line each, in Base64. The target is `service:account`, as Go programs name it. I/O through the host.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { CommandResult, Host } from "../../base/host/host.ts";
import { Secret } from "../../base/secret.ts";
import { type Keychain, keychainFailed, keychainMissing, runKeychain } from "./command.ts";
import { formatKeychainEntry, type KeychainEntry } from "./entry.ts";

const COMMAND = "powershell.exe";

/** Text in and out: a script that is given in Base64 would get and give XML otherwise. */
const ARGUMENTS = [
  "-NoLogo",
  "-NoProfile",
  "-NonInteractive",
  "-InputFormat",
  "Text",
  "-OutputFormat",
  "Text",
] as const;

/** What the script ends with when there is no such entry; any other failure ends it with 1. */
const NOT_FOUND = 3;

/** What stands before a value: a PowerShell that does nothing ends with 0, too. */
const FOUND = "base64:";

/** Largest value of a generic credential, in bytes (CRED_MAX_CREDENTIAL_BLOB_SIZE). */
const MAX_VALUE_BYTES = 2560;

/**
 * The lines of the input: PowerShell itself reads them for a command that it is given, but does not promise to. Then the
 * system's functions, as PowerShell compiles them. Type 1 is a generic credential, persistence 2 this machine.
 */
const START = `
$given = @($input)
if ($given.Count -eq 0) { $given = @([Console]::In.ReadToEnd() -split '\\r?\\n') }
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
function Get-Bytes($index) { ,[Convert]::FromBase64String($given[$index]) }
function Get-Text($index) { [Text.Encoding]::UTF8.GetString((Get-Bytes $index)) }
try {
Add-Type -TypeDefinition @'
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
public static class SopsmithKeychain {
  [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
  struct Credential {
    public uint Flags;
    public uint Type;
    public string TargetName;
    public string Comment;
    public System.Runtime.InteropServices.ComTypes.FILETIME LastWritten;
    public uint CredentialBlobSize;
    public IntPtr CredentialBlob;
    public uint Persist;
    public uint AttributeCount;
    public IntPtr Attributes;
    public string TargetAlias;
    public string UserName;
  }
  [DllImport("advapi32.dll", EntryPoint = "CredReadW", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern bool CredRead(string target, uint type, uint flags, out IntPtr credential);
  [DllImport("advapi32.dll", EntryPoint = "CredWriteW", CharSet = CharSet.Unicode, SetLastError = true)]
  static extern bool CredWrite(ref Credential credential, uint flags);
  [DllImport("advapi32.dll")]
  static extern void CredFree(IntPtr credential);
  public static byte[] Read(string target) {
    IntPtr pointer;
    if (!CredRead(target, 1, 0, out pointer)) {
      int code = Marshal.GetLastWin32Error();
      if (code == 1168) return null;
      throw new Win32Exception(code);
    }
    try {
      Credential found = (Credential)Marshal.PtrToStructure(pointer, typeof(Credential));
      byte[] blob = new byte[found.CredentialBlobSize];
      if (blob.Length > 0) Marshal.Copy(found.CredentialBlob, blob, 0, blob.Length);
      return blob;
    } finally { CredFree(pointer); }
  }
  public static void Write(string target, string account, byte[] blob) {
    IntPtr memory = Marshal.AllocHGlobal(blob.Length);
    try {
      Marshal.Copy(blob, 0, memory, blob.Length);
      Credential made = new Credential();
      made.Type = 1;
      made.TargetName = target;
      made.UserName = account;
      made.CredentialBlob = memory;
      made.CredentialBlobSize = (uint)blob.Length;
      made.Persist = 2;
      if (!CredWrite(ref made, 0)) throw new Win32Exception(Marshal.GetLastWin32Error());
    } finally { Marshal.FreeHGlobal(memory); }
  }
}
'@
`;

const AT_THE_END = `
} catch {
  [Console]::Error.WriteLine($_.Exception.GetBaseException().Message)
  exit 1
}
`;

const READ = `${START}
  $blob = [SopsmithKeychain]::Read((Get-Text 0))
  if ($null -eq $blob) { exit ${NOT_FOUND} }
  [Console]::Out.Write('${FOUND}' + [Convert]::ToBase64String($blob))
${AT_THE_END}`;

const WRITE = `${START}
  [SopsmithKeychain]::Write((Get-Text 0), (Get-Text 1), (Get-Bytes 2))
${AT_THE_END}`;

/** @returns the credentials of this person on this machine */
export function createWindowsKeychain(host: Host): Keychain {
  return {
    has: async (entry) => await read(host, entry) !== undefined, // Windows asks nobody
    read: async (entry) => await read(host, entry),
    async write(entry, value) {
      if (value.reveal().length > MAX_VALUE_BYTES) throw tooLarge(entry);
      const stored = await runScript(host, WRITE, [targetOf(entry), entry.account, value.revealText()]);
      if (stored.code !== 0) throw keychainFailed("write to", stored);
    },
  };
}

async function read(host: Host, entry: KeychainEntry): Promise<Secret | undefined> {
  const found = await runScript(host, READ, [targetOf(entry)]);
  if (found.code === NOT_FOUND) return undefined;
  const answer = decode(found.stdout);
  if (found.code !== 0 || !answer.startsWith(FOUND)) throw keychainFailed("read", found);
  return new Secret(decode(Uint8Array.fromBase64(answer.slice(FOUND.length))));
}

function targetOf({ service, account }: KeychainEntry): string {
  return `${service}:${account}`;
}

/** @param lines written to the script's standard input, each in Base64 */
async function runScript(host: Host, script: string, lines: readonly string[]): Promise<CommandResult> {
  const encoded = lines.map((line) => `${new TextEncoder().encode(line).toBase64()}\n`).join("");
  const args = [...ARGUMENTS, "-EncodedCommand", encodeScript(script)];
  const result = await runKeychain(host, COMMAND, args, { stdin: new TextEncoder().encode(encoded) });
  if (result === undefined) throw keychainMissing(COMMAND, "put Windows PowerShell on the path");
  return result;
}

/** UTF-16 LE in Base64, as PowerShell takes a script that needs no quoting. */
function encodeScript(script: string): string {
  const bytes = new Uint8Array(script.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < script.length; i++) view.setUint16(i * 2, script.charCodeAt(i), true);
  return bytes.toBase64();
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function tooLarge(entry: KeychainEntry): UserError {
  return new UserError(
    "refused",
    `cannot store the identity: the ${formatKeychainEntry(entry)} would be larger than Windows takes`,
    { hints: ["name another path in age_key.path of the vault, for an entry of its own"] },
  );
}
