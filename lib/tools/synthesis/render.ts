import { ApiObject, type App, Chart, Names } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Platform } from '../../core/platform';
import { InvalidOptionError } from '../../core/validation';
import { yaml } from '../../core/yaml';

/** An object of a synthesis. */
export interface RenderedObject {
  readonly chart: string;
  /** File name, without the chart's folder. */
  readonly file: string;
  // biome-ignore lint/suspicious/noExplicitAny: objects of every kind
  readonly manifest: any;
  readonly yaml: string;
}

/**
 * Renders every object of an app: the same files, byte for byte, that `app.synth()` writes with a folder for
 * each chart and a file for each resource. It validates each construct once, whereas `synth` validates the
 * whole app for each chart, and refuses problems that `synth` ignores.
 * @throws InvalidOptionError that lists all problems.
 */
export function renderApp(app: App): RenderedObject[] {
  const constructs = app.node.findAll();
  throwIfProblems(constructs.flatMap(constructProblems));
  const made = constructs.filter(ApiObject.isApiObject);
  const objects = made.map((object) => renderObject(object, app));
  if (objects.length === 0) throwIfProblems(['none of its charts has an object; create at least one']);
  throwIfProblems([
    ...duplicateProblems(
      objects.map(({ chart, file }) => `${chart}/${file}`),
      'would be written twice; rename one of the objects',
    ),
    ...groupByCluster(made, objects).flatMap((ofCluster) =>
      duplicateProblems(
        ofCluster.map(objectIdentity),
        'exists twice; rename one of them, or set another namespace',
      ),
    ),
  ]);
  return objects;
}

function renderObject(object: ApiObject, app: App): RenderedObject {
  const manifest = object.toJson();
  return { ...outputFile(object, app), manifest, yaml: yaml(manifest) };
}

/** Returns the folder and file of an object. */
export function outputFile(object: ApiObject, app: App): Pick<RenderedObject, 'chart' | 'file'> {
  return {
    chart: Names.toDnsLabel(object.chart),
    file: `${`${object.kind}.${object.metadata.name}`.replace(/[^0-9a-zA-Z-_.]/g, '')}${app.outputFileExtension}`,
  };
}

function constructProblems(construct: IConstruct): string[] {
  const { path } = construct.node;
  return [
    ...construct.node.validate().map((problem) => `${path}: ${problem}`),
    ...(isNestedChart(construct)
      ? [`${path}: a chart inside a chart; make it beside the other, in the app`]
      : []),
    ...construct.node.dependencies
      .filter((other) => Chart.of(other) !== Chart.of(construct))
      .map(
        (other) =>
          `${path}: depends on ${other.node.path} of another chart, which would rename folders; order belongs to sync waves`,
      ),
  ];
}

function isNestedChart(construct: IConstruct): boolean {
  return Chart.isChart(construct) && construct.node.scopes.slice(0, -1).some(Chart.isChart);
}

function objectIdentity({ manifest: { apiVersion, kind, metadata } }: RenderedObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
}

/**
 * Groups objects that may end up in the same cluster: those of a chart without a cluster may do so with all
 * others.
 */
function groupByCluster(made: readonly ApiObject[], objects: readonly RenderedObject[]): RenderedObject[][] {
  const clusters = made.map((object) => Platform.clusterOf(object));
  const named = new Set(clusters.filter((cluster) => cluster !== undefined));
  return [...(named.size ? named : [undefined])].map((cluster) =>
    objects.filter((_, at) => clusters[at] === undefined || clusters[at] === cluster),
  );
}

function duplicateProblems(keys: readonly string[], complaint: string): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const one of keys) (seen.has(one) ? twice : seen).add(one);
  return [...twice].map((one) => `${one} ${complaint}`);
}

function throwIfProblems(complaints: readonly string[]): void {
  if (complaints.length) throw new InvalidOptionError(complaints.join('\n  '));
}
