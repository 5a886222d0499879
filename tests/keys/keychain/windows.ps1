
$given = @($input)
if ($given.Count -eq 0) { $given = @([Console]::In.ReadToEnd() -split '\r?\n') }
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

# ACTION

} catch {
  [Console]::Error.WriteLine($_.Exception.GetBaseException().Message)
  exit 1
}
