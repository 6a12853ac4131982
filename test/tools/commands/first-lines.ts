import { run } from '../../../lib';
import { findCodeThatCreatesObjects } from '../../../lib/tools/synthesis/origins';
import { EXAMPLES } from '../../support/examples';

// Prints the file of each object of the examples with the first line of the sources that creates it, and then runs the command.
console.log(JSON.stringify(findCodeThatCreatesObjects(EXAMPLES).map(({ file, lines }) => [file, lines[0]])));
run(EXAMPLES);
