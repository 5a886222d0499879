/**
 * Path arithmetic by POSIX rules (Linux, BSD, macOS). Pure.
 *
 * @module
 */
// @ts-types="@types/path-browserify"
import posix from "path-browserify";
import { createPaths, type Paths } from "./paths.ts";

/** Paths with `/`. */
export const POSIX_PATHS: Paths = createPaths(posix, "/");
