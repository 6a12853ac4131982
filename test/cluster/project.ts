import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Authority } from '../runtime/authority';
import { type Outcome, tryRun } from '../runtime/programs';
import { environment } from './cluster';

const ROOT = resolve(__dirname, '../..');

/** Commands that pages call by `npm run`. */
const SCRIPTS = ['apply', 'credentials', 'doctor', 'prune'];

/** A project of its own, as a user of the library has one: main.ts, and what `init` writes. */
export class Project {
  private made?: Authority;

  private constructor(private readonly folder: string) {}

  /** A project with environments, of each the text of its file, which exports it under its name. @default - none */
  static create(environments: Readonly<Record<string, string>> = {}): Project {
    const folder = join(ROOT, 'build/cluster-suite');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'environments'), { recursive: true });
    for (const [name, text] of Object.entries(environments)) {
      writeFileSync(join(folder, 'environments', `${name}.ts`), text.replace("'../lib'", `'${ROOT}/lib'`));
    }
    const names = Object.keys(environments);
    const imports = names.map((name) => `import { ${name} } from './environments/${name}';\n`);
    const main = `import { run } from '${ROOT}/lib';\n${imports.join('')}\nrun({ ${names.join(', ')} });\n`;
    writeFileSync(join(folder, 'main.ts'), main.replace('{  }', '{}'));
    const scripts = SCRIPTS.map((name) => [name, `node ${ROOT}/scripts/run.cjs main.ts ${name}`]);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: Object.fromEntries(scripts) }));
    return new Project(folder);
  }

  /**
   * Runs lines of a shell in its folder, all of them, also after one that fails, as their reader does.
   *
   * @throws Error with what they said, when the last one fails.
   */
  async shell(lines: string): Promise<string> {
    const { code, stdout, stderr } = await tryRun('sh', ['-c', lines], {
      env: environment,
      cwd: this.folder,
    });
    if (code !== 0) throw new Error(`${lines}: ${stderr}`);
    return stdout;
  }

  /** Runs a command of the app as `npm run` does. */
  readonly command = (args: readonly string[], input?: string): Promise<Outcome> =>
    tryRun('node', [join(ROOT, 'scripts/run.cjs'), 'main.ts', ...args], {
      env: environment,
      cwd: this.folder,
      input,
    });

  /** Output of a command. @throws Error with what it said, when it fails. */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.command(args, input);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** The authority of its certificates, made at the first use. */
  get authority(): Authority {
    this.made ??= new Authority(join(this.folder, 'authority'));
    return this.made;
  }

  /** Edits the file of an environment, as a user does. @throws Error when it has no such text. */
  edit(name: string, text: string, replacement: string): void {
    const file = join(this.folder, 'environments', `${name}.ts`);
    const before = readFileSync(file, 'utf8');
    if (!before.includes(text)) throw new Error(`${file} has no ${text}`);
    writeFileSync(file, before.replace(text, replacement));
  }
}
