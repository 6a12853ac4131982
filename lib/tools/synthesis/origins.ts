import { relative } from 'node:path';
import { ApiObject, type App } from 'cdk8s';
import { TRACED } from '../../core/objects';
import { appOf, type Environments, namesOf } from './environment';
import { placeOf } from './render';

/** Origin of an object. */
export interface Origin {
  /** `Kind/name`, or `Kind/namespace/name`. */
  readonly object: string;
  /** File of the object: `<environment>/<chart>/<file>`. */
  readonly file: string;
  /** The constructs that contain the object, innermost first. */
  readonly constructs: readonly Maker[];
  /**
   * Source lines of the call stack as `file:line`, innermost first; empty if no construct of this library
   * created the object.
   */
  readonly lines: readonly string[];
}

/** A construct that contains an object. */
export interface Maker {
  readonly className: string;
  /** Path of the construct in the app. */
  readonly path: string;
}

/** Returns the origin of every object, by environment. */
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

/** Removes the stack frames of the command that builds the app. */
function untilEnvironment(frames: readonly string[]): readonly string[] {
  const end = frames.findIndex((frame) => frame.startsWith(`${appOf.name} `));
  return end < 0 ? frames : frames.slice(0, end);
}

/**
 * Returns `file:line` of a stack frame; none for frames of Node, of packages, and of the function that
 * creates objects.
 */
function sourceLine(frame: string): string[] {
  const [, file, line] = /^(?:.*\()?((?:file:\/\/)?\/.+|[A-Za-z]:\\.+):(\d+):\d+\)?$/.exec(frame) ?? [];
  if (!file || /node_modules|core[\\/]objects\.[jt]s$/.test(file)) return [];
  return [`${relative(process.cwd(), file.replace(/^file:\/\//, ''))}:${line}`];
}
