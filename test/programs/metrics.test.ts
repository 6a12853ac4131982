import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Metrics } from '../../lib/programs/metrics.mjs';

describe('the metrics of a program', () => {
  const metrics = () => new Metrics('test', { nodes: 'Nodes', drops_total: 'Samples, by node' });

  test('are counters and gauges of the text format, and a counter of nothing is 0', () => {
    const all = metrics();
    expect(`${all}`).toBe(
      '# HELP test_nodes Nodes.\n# TYPE test_nodes gauge\n' +
        '# HELP test_drops_total Samples, by node.\n# TYPE test_drops_total counter\ntest_drops_total 0\n',
    );
    all.setGauge('nodes', 3);
    all.setGauge('nodes', 2);
    all.addToCounter('drops_total', { node: 'one' });
    all.addToCounter('drops_total', { node: 'one' }, 4);
    expect(`${all}`.match(/^test.*$/gm)).toEqual(['test_nodes 2', 'test_drops_total{node="one"} 5']);
  });

  test('stay one line each, whatever a label holds', () => {
    const all = metrics();
    all.addToCounter('drops_total', { node: 'a"b\\c\nd\ud800' });
    expect(`${all}`).toContain('test_drops_total{node="a\\"b\\\\c\\nd\ufffd"} 1\n');
  });

  test('refuse a name that there is not', () => {
    expect(() => metrics().addToCounter('drop_total')).toThrow('no metric is named drop_total');
  });

  test('begin anew for those that are named, and for nobody else', () => {
    const all = metrics();
    all.setGauge('nodes', 2);
    all.addToCounter('drops_total', { node: 'stolen' });
    all.removeAllLabelledSeries();
    expect(`${all}`.match(/^test.*$/gm)).toEqual(['test_nodes 2', 'test_drops_total 0']);
  });

  test('take bounded memory, whatever names a client invents and however long they are', () => {
    const program = `
      import { Metrics } from ${JSON.stringify(join(__dirname, '../../lib/programs/metrics.mjs'))};
      const all = new Metrics('test', { drops_total: 'Samples' });
      for (let number = 0; number < 22_000; number++) {
        const name = Buffer.alloc(4_000, 'n');
        name.write(String(number));
        all.addToCounter('drops_total', { reason: 'too_old', node: name.toString() });
      }
      console.log(JSON.stringify([String(all).length, String(all).split('\\n').at(-2)]));`;
    const args = ['--max-old-space-size=48', '--input-type=module', '--eval', program];
    const [length, last] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    expect(length).toBeLessThan(8 * 2 ** 20);
    expect(last).toBe('test_drops_total{reason="too_old"} 2000');
  });
});
