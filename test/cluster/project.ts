import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Authority } from '../runtime/authority';
import { type Outcome, tryRun } from '../runtime/programs';
import { environment } from './cluster';

const ROOT = resolve(__dirname, '../..');

/** A project of its own, as a user of the library has one: main.ts, and what `init` writes. */
export class Project {
  private made?: Authority;

  private constructor(private readonly folder: string) {}

  /** A project without any environment. */
  static create(): Project {
    const folder = join(ROOT, 'build/cluster-suite');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'main.ts'), `import { run } from '${ROOT}/lib';\n\nrun({});\n`);
    return new Project(folder);
  }

  /** Runs a command of the app as `npm run` does. */
  readonly command = (args: readonly string[], input?: string): Promise<Outcome> =>
    tryRun('node', [join(ROOT, 'scripts/run.cjs'), 'main.ts', ...args], {
      env: environment,
      cwd: this.folder,
      input,
    });

  /** What a command printed. @throws Error with what it said, when it fails. */
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
