package passenger

// ArrivalDay is for tests.
func ArrivalDay(j *Journey) string { return j.arrivalDay() }
