import { render } from 'preact'
import { App } from './app.js'
import './styles/base.css'
import './styles/controls.css'
import './styles/layout.css'
import './styles/data.css'
import './styles/charts.css'

render(<App />, document.getElementById('page') as HTMLElement)
