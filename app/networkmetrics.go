package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sarhad/exchange/directory"
	"sarhad/record"
)

// networkDescs are the figures of the network. Labels are ids of nodes and lanes.
type networkDescs struct{ waiting, oldest, up, unreadable, gaps, files, age, ends *prometheus.Desc }

func newNetworkDescs() networkDescs {
	return networkDescs{
		waiting:    prometheus.NewDesc("sarhad_network_waiting", "Messages of ours that are not delivered yet.", []string{"peer", "lane"}, nil),
		oldest:     prometheus.NewDesc("sarhad_network_oldest_seconds", "Age of the oldest message that is not delivered yet.", []string{"peer"}, nil),
		up:         prometheus.NewDesc("sarhad_network_line_up", "1 = the line to the hub works.", []string{"lane"}, nil),
		unreadable: prometheus.NewDesc("sarhad_network_unreadable", "Messages that came and cannot be read, at most 500.", nil, nil),
		gaps:       prometheus.NewDesc("sarhad_network_missing", "Messages of a peer that are known to be missing here.", []string{"peer"}, nil),
		files:      prometheus.NewDesc("sarhad_network_files", "Large files on their way, out and in.", nil, nil),
		age:        prometheus.NewDesc("sarhad_directory_age_seconds", "Since when a quorum of countries cosigned the directory of this node.", nil, nil),
		ends:       prometheus.NewDesc("sarhad_directory_own_ends_seconds", "Until the statement with the keys of this node ends.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (n *Network) Describe(out chan<- *prometheus.Desc) {
	d := newNetworkDescs()
	for _, x := range []*prometheus.Desc{d.waiting, d.oldest, d.up, d.unreadable, d.gaps, d.files, d.age, d.ends} {
		out <- x
	}
}

// Collect implements prometheus.Collector. What cannot be read is left out.
func (n *Network) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(record.WithActor(context.Background(), record.Machine("metrics", "")), scrapeWithin)
	defer cancel()
	descs := newNetworkDescs()
	put := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, lane := range record.Lanes {
		up := 0.0
		if n.up(lane) {
			up = 1
		}
		put(descs.up, up, string(lane))
	}
	now := n.a.opt.Now()
	if n.dir.Identity() != "" {
		if f := n.dir.Fresh(now); !f.Cosigned.IsZero() {
			put(descs.age, f.Age.Seconds())
		}
		if p, err := n.dir.Party(n.a.Config.Name); err == nil && p.State == directory.Current {
			put(descs.ends, p.Until.Sub(now).Seconds())
		}
	}
	st, err := n.Relay.Status(ctx)
	if err != nil {
		return
	}
	put(descs.unreadable, float64(st.Unreadable))
	put(descs.files, float64(len(st.Files)))
	for _, p := range st.Partners {
		for _, lane := range record.Lanes {
			put(descs.waiting, float64(p.Waiting[lane]+p.Away[lane]), p.Name, string(lane))
		}
		age := time.Duration(0)
		if !p.Oldest.IsZero() {
			age = st.At.Sub(p.Oldest)
		}
		put(descs.oldest, age.Seconds(), p.Name)
		missing := int64(0)
		for _, g := range p.Gaps {
			missing += g.Last - g.First + 1
		}
		put(descs.gaps, float64(missing), p.Name)
	}
}
