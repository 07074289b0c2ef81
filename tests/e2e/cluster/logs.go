// The log endpoint of the fake nodes: what a kubelet serves at /containerLogs, made up from annotations.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	logAnnotation = "fake/log"             // the whole log; each line a line
	logPace       = 100 * time.Millisecond // from one line to the next
	defaultLog    = "starting\nstep 1 of 3\nstep 2 of 3\nstep 3 of 3"
)

// serveLogs answers the API server's requests for logs. kwok could replay a
// file, but it does not end a followed log when the pod ends, as a kubelet does.
func serveLogs(args []string) error {
	flags := flag.NewFlagSet("fake-logs", flag.ExitOnError)
	address := flags.String("address", "", "host:port to listen on")
	kubeconfig := flags.String("kubeconfig", "", "cluster to read the pods from")
	ca := flags.String("ca", "", "authority of the API server's certificate")
	cert := flags.String("cert", "", "own certificate")
	key := flags.String("key", "", "own key")
	_ = flags.Parse(args) // exits by itself

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1 // no client-side throttling
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(*ca)
	if err != nil {
		return err
	}
	callers := x509.NewCertPool()
	if !callers.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate in %s", *ca)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		get := func() (*corev1.Pod, error) {
			return client.CoreV1().Pods(r.PathValue("namespace")).Get(r.Context(), r.PathValue("pod"), metav1.GetOptions{})
		}
		if err := writeLog(r.Context(), w, get, r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	server := &http.Server{
		Addr:    *address,
		Handler: mux,
		TLSConfig: &tls.Config{
			ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs:  callers,
			MinVersion: tls.VersionTLS12,
		},
	}
	return server.ListenAndServeTLS(*cert, *key)
}

// writeLog writes what is due of a pod's log and, when it follows, the rest as
// it becomes due, until the pod has ended or is gone: then all of it is due.
// It returns an error only while nothing is written.
func writeLog(ctx context.Context, w http.ResponseWriter, get func() (*corev1.Pod, error), query url.Values) error {
	options, err := parseOptions(query)
	if err != nil {
		return err
	}
	pod, err := get()
	if err != nil {
		return err
	}
	if pod.Status.StartTime == nil || pod.Status.Phase == corev1.PodPending {
		return fmt.Errorf("pod %q is waiting to start: ContainerCreating", pod.Name)
	}
	start, lines := pod.Status.StartTime.Time, linesOf(pod)
	for next, first := 0, true; ; first = false {
		running := err == nil && pod.Status.Phase == corev1.PodRunning
		due := len(lines)
		if running {
			due = min(due, int(time.Since(start)/logPace)+1)
		}
		if first && options.tail >= 0 {
			next = max(0, due-options.tail)
		}
		for ; next < due; next++ {
			if !options.write(w, start.Add(time.Duration(next)*logPace), lines[next]) {
				return nil
			}
		}
		_ = http.NewResponseController(w).Flush()
		if !options.follow || !running {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(logPace):
		}
		if now, failed := get(); failed == nil {
			pod = now
		} else {
			err = failed
		}
	}
}

func linesOf(pod *corev1.Pod) []string {
	text, ok := pod.Annotations[logAnnotation]
	if !ok {
		text = defaultLog
	}
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

type logOptions struct {
	follow, timestamps bool
	tail, limit        int // -1: all
	since              time.Time
}

// write writes one line; false when no more is wanted.
func (o *logOptions) write(w http.ResponseWriter, at time.Time, line string) bool {
	if at.Before(o.since) {
		return true
	}
	line += "\n"
	if o.timestamps {
		line = at.UTC().Format(time.RFC3339Nano) + " " + line
	}
	if o.limit >= 0 {
		line = line[:min(len(line), o.limit)]
		o.limit -= len(line)
	}
	_, err := w.Write([]byte(line))
	return err == nil && o.limit != 0
}

// parseOptions reads the query that the API server makes of PodLogOptions.
func parseOptions(query url.Values) (logOptions, error) {
	options := logOptions{tail: -1, limit: -1}
	for name, values := range query {
		var err error
		seconds, value := 0, values[0]
		switch name {
		case "follow":
			options.follow, err = strconv.ParseBool(value)
		case "timestamps":
			options.timestamps, err = strconv.ParseBool(value)
		case "tailLines":
			options.tail, err = strconv.Atoi(value)
		case "limitBytes":
			options.limit, err = strconv.Atoi(value)
		case "sinceSeconds":
			seconds, err = strconv.Atoi(value)
			options.since = time.Now().Add(-time.Duration(seconds) * time.Second)
		case "sinceTime":
			options.since, err = time.Parse(time.RFC3339, value)
		case "previous":
			if value == "true" {
				err = errors.New("previous terminated container not found")
			}
		}
		if err != nil {
			return options, fmt.Errorf("%s: %w", name, err)
		}
	}
	return options, nil
}
