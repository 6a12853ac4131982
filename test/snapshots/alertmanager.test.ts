import { testSnapshots } from './components';

testSnapshots('alertmanager');
