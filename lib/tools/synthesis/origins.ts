import { relative } from 'node:path';
import { ApiObject, type App } from 'cdk8s';
import { TRACED } from '../../core/objects';
import { appOf, type Environments, namesOf } from './environment';
import { placeOf } from './render';

/** Where an object of a synthesis comes from. */
export interface Origin {
  /** `Kind/name`, or `Kind/namespace/name`. */
  readonly object: string;
  /** The file that holds it: `<environment>/<chart>/<file>`. */
  readonly file: string;
  /** The constructs that it is part of, the nearest first. */
  readonly constructs: readonly Maker[];
  /** Lines of the sources that led to it, `file:line`, the innermost first; none when no construct of ours made it. */
  readonly lines: readonly string[];
}

/** A construct that an object is part of. */
export interface Maker {
  readonly className: string;
  /** The ids from the app down to it. */
  readonly path: string;
}

/** The origin of every object, by environments. */
export function originsOf(environments: Environments): Origin[] {
  return namesOf(environments).flatMap((name) => {
    const app = appOf(name, environments, { [TRACED]: true });
    return app.node
      .findAll()
      .filter(ApiObject.isApiObject)
      .map((object) => originOf(object, name, app));
  });
}

function originOf(object: ApiObject, environment: string, app: App): Origin {
  const { chart, file } = placeOf(object, app);
  const { namespace } = object.toJson().metadata;
  const [created] = object.node.metadata.filter(({ type }) => type === TRACED);
  return {
    object: [object.kind, namespace, object.metadata.name].filter(Boolean).join('/'),
    file: `${environment}/${chart}/${file}`,
    constructs: object.node.scopes
      .filter((scope) => scope !== app && scope !== object)
      .map((scope) => ({ className: scope.constructor.name, path: scope.node.path }))
      .reverse(),
    lines: untilEnvironment(created?.trace ?? []).flatMap(sourceLine),
  };
}

/** Without the frames of the command that builds the app. */
function untilEnvironment(frames: readonly string[]): readonly string[] {
  const end = frames.findIndex((frame) => frame.startsWith(`${appOf.name} `));
  return end < 0 ? frames : frames.slice(0, end);
}

/** `file:line` of a frame: none for Node's own, for those of packages, and for the function that makes every object. */
function sourceLine(frame: string): string[] {
  const [, file, line] = /^(?:.*\()?((?:file:\/\/)?\/.+|[A-Za-z]:\\.+):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (!file || /node_modules|core[\\/]objects\.[jt]s$/.test(file)) return [];
  return [`${relative(process.cwd(), file.replace(/^file:\/\//, ''))}:${line}`];
}
