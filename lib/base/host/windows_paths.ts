/**
 * Path arithmetic by Windows rules (drives, shares, both separators). Pure.
 *
 * Loaded on Windows only, and by tests: the library asks for Node's `process` while it loads, which costs 20 ms.
 *
 * @module
 */
import * as win32 from "path-unified/win32";
import { createPaths, type Paths } from "./paths.ts";

/** Paths with `\`. */
export const WINDOWS_PATHS: Paths = createPaths(win32, "\\");
