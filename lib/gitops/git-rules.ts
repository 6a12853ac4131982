// Rules for the options that tell Argo CD where the manifests are in git.
import { patternRule } from '../core/option-rules';

/** Validation rule for the URL of a git repository that Argo CD clones by HTTPS or SSH. */
export const gitRepository = patternRule(
  /^(https:\/\/[^@\s]+|ssh:\/\/[^:@\s]+@[^@\s]+|[^:@/\s]+@[^:@/\s]+:[^@\s]+)$/,
  'the HTTPS or SSH URL of a git repository, without a password, such as "https://git.example.com/fleet/observability.git"',
  2_000,
);

/** Validation rule for a git revision: a branch, a tag or a commit. */
export const gitRevision = patternRule(/^(?!-)[\w./-]+$/, 'a branch, a tag or a commit, such as "main"');

/** Validation rule for the path of a folder in a git repository, such as `dist/reference`. */
export const gitPath = patternRule(
  /^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/,
  'the path of a folder in the repository, without leading and trailing slashes, such as "dist/reference"',
);
