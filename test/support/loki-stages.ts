import { RE2JS } from 're2js';
import type { LogTask } from '../../lib';
import { DOCKER_FILE, LOG_SELECTION, podLogFiles, sampleLogLines } from './log-samples';

/** A stage of a pipeline in Promtail or Alloy, independent of the syntax of the agent's configuration. */
export interface LokiStage {
  readonly name: string;
  /** Attributes of a `match` stage, and its nested stages. */
  readonly match?: { readonly selector: string; readonly action?: string; readonly stages?: unknown };
}

/**
 * Defines tests of the stages of Promtail or Alloy.
 * @param stagesOf returns the stages of the agent for additional options
 */
export function testStages(stagesOf: (more?: Partial<LogTask>) => readonly LokiStage[]): void {
  const stages = stagesOf();
  const matches = (of: readonly LokiStage[]) => of.flatMap(({ match }) => match ?? []);
  const filtered = matches(stagesOf(LOG_SELECTION));

  test('tells Docker’s lines from the CRI’s', () => {
    const [{ selector } = { selector: '' }] = matches(stages);
    const [, quoted = ''] = /\|~ (".*")$/.exec(selector) ?? [];
    const docker = RE2JS.compile(JSON.parse(quoted));
    for (const file of podLogFiles()) {
      for (const line of sampleLogLines(file))
        expect([line, docker.test(line)]).toEqual([line, file === DOCKER_FILE]);
    }
  });

  test('rewrites Docker’s lines as the CRI’s, and joins the partial lines of both by one stage', () => {
    const names = stages.map(({ name }) => name);
    expect(names.indexOf('match')).toBe(names.indexOf('cri') - 1);
    expect(JSON.stringify(matches(stages)[0])).toContain('{{ .time }} {{ .stream }} {{ if eq');
  });

  test('joins first, keeps then, drops last', () => {
    expect(filtered.slice(1).map(({ selector, action }) => [selector, action ?? 'keep'])).toEqual([
      ['{job=~".+", container=~"app"}', 'keep'],
      ['{job=~".+", namespace=~"shop|pay"}', 'keep'],
      ['{job=~".+", container=~"etcd"} |~ "error \\"x\\" \\\\{"', 'keep'],
      ['{job=~".+", kept!="yes"}', 'drop'],
      ['{job=~".+"} |~ "^DEBUG"', 'drop'],
      ['{job=~".+", namespace=~"shop", container=~"web"} |~ "GET /healthz"', 'drop'],
    ]);
    expect(JSON.stringify(filtered[1])).toContain('^\\\\d{4}-');
    expect(JSON.stringify(filtered[1])).toContain('"max_lines":1000');
  });

  test('keeps every line where nothing is chosen', () => {
    expect(matches(stages)).toHaveLength(1);
  });
}
