import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * How people call a command of this app, with arguments: by the script of that name in the package.json of the folder
 * that they are in, otherwise by the program that runs now.
 */
export function commandLine(command: string, ...args: readonly string[]): string {
  const prefix = isScript(command) ? `npm run --silent ${command}` : `node ${program()} ${command}`;
  const all = isScript(command) && args.length ? ['--', ...args] : args;
  return [prefix, ...all].join(' ');
}

/** How they synthesize. */
export function synthesisLine(...args: readonly string[]): string {
  if (!isScript('synth')) return ['node', program(), ...args].join(' ');
  return args.length ? `npm run --silent synth -- ${args.join(' ')}` : 'npm run synth';
}

/** Whether the package.json of the folder that people are in has a script of this name. */
export function isScript(name: string): boolean {
  return Object.hasOwn(scripts(), name);
}

function scripts(): object {
  try {
    return JSON.parse(readFileSync('package.json', 'utf8')).scripts ?? {};
  } catch {
    // An app need not have one.
    return {};
  }
}

const program = (): string => relative(process.cwd(), process.argv[1] ?? '') || 'main.js';
