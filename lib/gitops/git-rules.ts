// Location of the manifests in git for Argo CD.
import { matches } from '../core/option-rules';

/** Rule for the URL of a git repository, as Argo CD clones it. */
export const gitRepository = matches(
  /^(https:\/\/[^@\s]+|ssh:\/\/[^:@\s]+@[^@\s]+|[^:@/\s]+@[^:@/\s]+:[^@\s]+)$/,
  'a repository by HTTPS or SSH, without a password, such as "https://git.example.com/fleet/observability.git"',
  2_000,
);

/** Rule for a branch, tag or commit. */
export const gitRevision = matches(/^(?!-)[\w./-]+$/, 'a branch, a tag or a commit, such as "main"');

/** Rule for a folder of a repository. */
export const gitPath = matches(
  /^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/,
  'a folder of the repository, without leading and trailing slashes, such as "dist/reference"',
);
