import type { Plugin } from 'esbuild';

/** Returns the text of a program, given the path of its main module. */
export declare function bundleProgram(program: string): string;
export declare const programs: Plugin;
