import { keepNothing, listEditors } from "../../../lib/commands/edit/editor.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

function editorsFor(env: Readonly<Record<string, string>>): string[] {
  return listEditors("linux", (name) => env[name]).map(({ program, args }) => [program, ...args].join(" "));
}

Deno.test("listEditors() takes SOPS_EDITOR before EDITOR, split into words", () => {
  assertEquals(editorsFor({ SOPS_EDITOR: "'/opt/my editor' -x", EDITOR: "vi" }), ["/opt/my editor -x"]);
  assertEquals(editorsFor({ SOPS_EDITOR: "", EDITOR: "emacs -nw" }), ["emacs -nw"]);
});

Deno.test("listEditors() tries the usual ones where no variable is set", () => {
  assertEquals(editorsFor({}), ["vim", "nano", "vi"]);
  assertEquals(listEditors("windows", () => undefined).map(({ program }) => program), ["notepad"]);
});

Deno.test("listEditors() makes editors with windows wait", () => {
  for (
    const [line, expected] of [
      ["code", "code --wait"],
      ["code --wait", "code --wait"],
      ["code -w -n", "code -w -n"],
      ["/usr/bin/code -n", "/usr/bin/code -n --wait"],
      ["'C:\\Program Files\\Code\\Code.exe'", "C:\\Program Files\\Code\\Code.exe --wait"],
      ["subl", "subl --wait"],
      ["gvim", "gvim -f"],
      ["mate", "mate -w"],
      ["kate", "kate --block"],
      ["codex", "codex"],
      ["emacsclient -t", "emacsclient -t"],
    ] as const
  ) assertEquals(editorsFor({ EDITOR: line }), [expected]);
});

Deno.test("listEditors() refuses a variable that holds no command", () => {
  assertThrows(() => editorsFor({ EDITOR: "  " }), /EDITOR: it holds no command/);
  assertThrows(() => editorsFor({ SOPS_EDITOR: "'vi" }), /SOPS_EDITOR/);
});

Deno.test("keepNothing() makes vim leave no swap file, register, undo file or backup", () => {
  const flags = ["-n", "-i", "NONE", "-c", "silent! set noundofile nobackup nowritebackup viminfo="];
  for (
    const [program, realName] of [
      ["vim", undefined],
      ["/usr/bin/nvim", undefined],
      ["C:\\Vim\\gvim.exe", "gvim.exe"],
      ["vi", "vim.basic"],
      ["vim", "wrapper"],
    ] as const
  ) assertEquals(keepNothing({ program, args: ["-f"] }, realName).args, [...flags, "-f"]);
});

Deno.test("keepNothing() leaves other editors as they are", () => {
  for (
    const [program, realName] of [["vi", "busybox"], ["vi", undefined], ["nano", "nano"], [
      "vimdiff-x",
      undefined,
    ]] as const
  ) assertEquals(keepNothing({ program, args: ["-f"] }, realName), { program, args: ["-f"] });
});

Deno.test("listEditors() takes the paths of Windows as they are written", () => {
  for (
    const [line, program, args] of [
      ["C:\\Windows\\notepad.exe", "C:\\Windows\\notepad.exe", []],
      ['"C:\\Program Files\\My Editor\\e.exe" -w', "C:\\Program Files\\My Editor\\e.exe", ["-w"]],
      ["'C:\\a b\\e.exe'  --x='y z'", "C:\\a b\\e.exe", ["--x=y z"]],
    ] as const
  ) {
    const [editor] = listEditors("windows", (name) => name === "EDITOR" ? line : undefined);
    assertEquals([...editor?.program ?? ""], [...program]); // letter by letter on every system
    assertEquals(editor?.args, [...args]);
  }
  assertThrows(() => listEditors("windows", () => '"C:\\a b\\e.exe'), /a quote that is never closed/);
});
