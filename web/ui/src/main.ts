import { mount } from 'svelte'
import './fonts.css'
import './tokens.css'
import './base.css'
import App from './app/App.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('The page has no #app to mount on.')
mount(App, { target })
