import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * Returns the command line that a user types to run a command of this app, for messages: `npm run --silent diff` if the
 * package.json in the current folder has this script, otherwise `node main.js diff`.
 */
export function suggestedCommand(command: string, ...args: readonly string[]): string {
  const prefix = hasNpmScript(command)
    ? `npm run --silent ${command}`
    : `node ${relativePathOfProgram()} ${command}`;
  const all = hasNpmScript(command) && args.length ? ['--', ...args] : args;
  return [prefix, ...all].join(' ');
}

/** Returns the command line that a user types to synthesize, for messages: `npm run synth` or `node main.js`. */
export function suggestedSynthCommand(...args: readonly string[]): string {
  if (!hasNpmScript('synth')) return ['node', relativePathOfProgram(), ...args].join(' ');
  return args.length ? `npm run --silent synth -- ${args.join(' ')}` : 'npm run synth';
}

/** Returns whether the package.json in the current folder has a script with this name. */
export function hasNpmScript(name: string): boolean {
  return Object.hasOwn(readPackageScripts(), name);
}

function readPackageScripts(): object {
  try {
    return JSON.parse(readFileSync('package.json', 'utf8')).scripts ?? {};
  } catch {
    // An app may have no package.json.
    return {};
  }
}

const relativePathOfProgram = (): string => relative(process.cwd(), process.argv[1] ?? '') || 'main.js';
