import { fleet } from './environments/fleet';
import { reference } from './environments/reference';
import { run } from './lib';

run({ reference, fleet });
