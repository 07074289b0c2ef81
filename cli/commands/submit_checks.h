// What `submit` tells and checks beyond the server's dry run: the plan, what it costs, and what the cluster lacks.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/cluster_flags.h"
#include "core/kube/submission.h"
#include "core/spec/spec.h"

namespace ktrain {

// One line for each job: what will run, with how many GPUs, and where.
void say_plan(term::Session& session, const Cluster& cluster, const std::vector<Json>& objects);

// One line of what an estimate says of the spec: memory of a GPU, hours, dollars; nothing without GPUs, or where the
// model is not known.
void say_estimate(term::Session& session, const TrainingSpec& spec);

// One line of what will be done: "objects: 1 to create (job.batch/cnn); 1 there already (namespace/team)".
void say_steps(term::Session& session, const std::vector<kube::Step>& steps);

// Tells what preflight() finds. Errors: Error{denied} when there is a finding because of which it would never run.
void check_cluster(term::Session& session, Cluster& cluster, const kube::Submission& submission);

// Tells of jobs that are there already, from the same spec: nothing is started. Of those that have ended it warns, with
// how to run them again; `words` are the flags of the cluster for that.
void tell_old_jobs(term::Session& session, const kube::Submission& submission, const std::string& words);
// Whether one of them has failed.
bool any_failed(const kube::Submission& submission);

// Puts an object that names no namespace into this one, unless that is empty or the object's kind is known to be of the
// whole cluster or not known at all.
void give_namespace(Json& object, const std::string& in_namespace);

// Gives jobs a queue and a priority: the Kueue label, or the fields of a Volcano Job and of the pods. Empty ones change
// nothing. Errors: Error{usage} for jobs of a kind that has no such thing, and for what can be no name of one.
void set_queue(std::vector<Json>& objects, const std::string& queue, const std::string& priority);

}  // namespace ktrain
