import { testSnapshots } from './components';

testSnapshots('log-collector');
