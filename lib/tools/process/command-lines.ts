import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Returns the command line for a command of this app: the script of that name in the current folder's
 * package.json, otherwise the program that is running.
 */
export function suggestedCommand(command: string, ...args: readonly string[]): string {
  const prefix = isNpmScript(command) ? `npm run --silent ${command}` : `node ${programPath()} ${command}`;
  const all = isNpmScript(command) && args.length ? ['--', ...args] : args;
  return [prefix, ...all].join(' ');
}

/** Returns the command line of the synthesis. */
export function suggestedSynthCommand(...args: readonly string[]): string {
  if (!isNpmScript('synth')) return ['node', programPath(), ...args].join(' ');
  return args.length ? `npm run --silent synth -- ${args.join(' ')}` : 'npm run synth';
}

/** Whether the current folder's package.json has a script of this name. */
export function isNpmScript(name: string): boolean {
  return Object.hasOwn(readPackageScripts(), name);
}

function readPackageScripts(): object {
  try {
    return JSON.parse(readFileSync('package.json', 'utf8')).scripts ?? {};
  } catch {
    // An app need not have a package.json.
    return {};
  }
}

const programPath = (): string => relative(process.cwd(), process.argv[1] ?? '') || 'main.js';
