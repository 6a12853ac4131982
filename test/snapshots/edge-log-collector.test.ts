import { testSnapshots } from './components';

testSnapshots('edge-log-collector');
